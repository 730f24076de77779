"""Learners' code behind bubblewrap: no network, no files but its own."""

from emkit.classroom.sandbox.box import Box, SandboxMissing
from emkit.classroom.sandbox.process import Sandboxed

__all__ = ["Box", "SandboxMissing", "Sandboxed"]
