"""Learners' kernels behind bubblewrap: no network, no files but their own."""

from emkit.classroom.sandbox.box import Box, SandboxMissing
from emkit.classroom.sandbox.provisioner import SandboxProvisioner

__all__ = ["Box", "SandboxMissing", "SandboxProvisioner"]
