"""Gold of the invented Tidewater policy, small and with one entry at least of every kind."""

GOLD = """\
schema_version: "1.0"
policy:
  file: tidewater.md
  title: Tidewater Privacy Policy
  company: Tidewater
  effective_date: 2026-03-03
  language: en
  worked_from: the invented policy of the tests
anchors:
  scope: [tidewater-privacy-policy.4, tidewater-privacy-policy.5]
  who: [who-we-are.1, who-we-are.2]
  account: [use.1]
  catch: [use.2]
  storms: [use.3]
  training: [training.1, training.3]
  switch: [training.2]
  sale: [sharing.2]
  keeping: [keeping.1]
  complaint: [your-rights.3]
  changes: [changes.1]
consumer_facts:
  - id: CF-01
    importance: must
    statement: Your catch reports train the forecast model unless you opt out.
    anchors: [training, catch]
    keys:
      - [train*]
      - [opt* out, object*]
    contradictions:
      - Your catch reports train nothing without your consent.
  - id: CF-02
    importance: should
    statement: Your data is not sold.
    anchors: [sale]
    keys:
      - [sold, sell*, sale]
    contradictions:
      - Your data is sold to advertisers.
legal_facts:
  - id: LF-01
    importance: must
    statement: Training rests on legitimate interest.
    anchors: [catch]
    basis: mixed
    statutes_inferred: ["GDPR:6(1)(f)"]
    keys:
      - [train*]
      - [legitimate interest*]
    contradictions:
      - Training rests on consent.
  - id: LF-02
    importance: should
    statement: No country outside the European Union is named.
    absent_terms: [United States, third countr*]
    basis: inferred
    statutes_inferred: ["GDPR:13(1)(f)"]
purposes:
  - id: PU-01
    purpose: Running accounts
    bases: [contract]
    anchors: [account]
    keys:
      - [account*]
  - id: PU-02
    purpose: Training the forecast model
    bases: [legitimate_interest]
    anchors: [catch]
    keys:
      - [train*]
  - id: PU-03
    purpose: Storm warnings
    bases: [consent]
    anchors: [storms]
    keys:
      - [storm*]
actions:
  - id: AC-01
    kind: control
    statement: Opt out of training under Settings, then Privacy.
    anchors: [switch]
    keys:
      - [opt* out]
authorities:
  named: [dpc]
  inferable:
    - {authority: edpb, why: It takes part in cross-border cases.}
names: [Tidewater, Tidewater Ltd]
names_absent: [Tidewater Pro]
carve_outs:
  - id: CO-01
    importance: must
    statement: The policy does not cover harbour boards; it covers everyone else who uses the app.
    anchors: [scope]
    about:
      - [policy]
    left_out:
      - who: harbour boards
        words: [harbour board*]
    not_left_out:
      - who: fishing companies
        words: [compan*]
    contradictions:
      - The policy covers harbour boards too.
provisions:
  - id: PV-01
    importance: must
    category: ai_training
    title: Catch reports train the model
    severity: high
    severity_rule: H1
    finding: Catch reports train the model unless people opt out.
    affected: Users of the app
    what_you_can_do: Opt out under Settings, then Privacy.
    actions: [AC-01]
    statutes: ["GDPR:6(1)(f)"]
    anchors: [training]
  - id: PV-02
    importance: may
    category: changes
    title: Changes are told by e-mail
    severity: low
    severity_rule: L2
    finding: Changes are told by e-mail.
    affected: Users of the app
    what_you_can_do: Read the e-mail.
    anchors: [changes]
risk:
  regulatory_exposure:
    - id: RX-01
      statutes: ["GDPR:6(1)(f)", "GDPR:21(1)"]
      why: Legitimate interest needs a balancing of interests.
      likelihood: medium
      severity: high
      basis: mixed
      anchors: [catch]
      enforcers: [dpc]
      penalty: {ref: "GDPR:83(5)", ceiling: EUR 20 million or 4 % of worldwide annual turnover}
  material_risks:
    - id: MR-01
      title: Catch reports train a model
      category: ai_training
      severity: high
      likelihood: high
      rationale: Training is on unless people opt out.
      mitigations: [opt out]
      anchors: [training]
  due_diligence:
    - id: DD-01
      priority: high
      category: retention
      action: Ask how long reports stay in the model.
      evidence_to_request: [a schedule]
      owner: records manager
      links: [MR-01]
  decisions_citable:
    - id: DC-01
      decision: EDPB-OPINION-28-2024
      importance: should
      relevance: It is the yardstick for training.
      anchors: [catch]
  decisions_not_citable:
    - id: ND-01
      decision: GARANTE-OPENAI-2024
      registry_statement: openai-fine-annulled
      statement: The Italian fine on OpenAI stands.
      reason: It was annulled.
reference_errors:
  - id: RE-01
    source: consumer
    type: polarity_flip
    gravity: major
    statement: Data is kept for ever and nobody can complain.
    right_statement: Reports are kept for 90 days after deletion, and people can complain.
    anchors: [keeping, complaint, who]
    facts: [CF-01]
"""
