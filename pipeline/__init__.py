"""Clausewise: from a policy to a draft in which every claim carries a verified quote."""
