"""Ids derived from content, equal in every database and in every order of work."""

import hashlib

from models import milestone_keys


def derive(kind: str, *parts: str) -> str:
    """32 hexadecimal digits (128 bits of SHA-256) naming the ``kind`` of thing that ``parts`` determine."""
    text = "\x1f".join((kind, *parts))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def batch_id(root: str, ruleset_version: str, model_version: str) -> str:
    """Id of the batch of a folder: one for each version of rules and model."""
    return derive("batch", root, ruleset_version, model_version)


def entry_id(batch: str, path: str) -> str:
    """Id of a file in a batch."""
    return derive("entry", batch, path)


def extraction_id(sha256: str, ruleset_version: str, model_version: str) -> str:
    """Id of a document's extraction by one version of rules and model."""
    return derive("extraction", sha256, ruleset_version, model_version)


def contract_id(sha256: str) -> str:
    """Id of the contract that a document starts; also what its milestones' keys are made with."""
    return milestone_keys.contract_id(sha256)
