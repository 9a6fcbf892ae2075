"""What code can tell about a draft without a model: pure functions from a document and an artefact to findings."""
