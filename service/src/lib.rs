//! The privity command.
