//! What a handler fails with.

use crate::abi;
use std::fmt;

/// A failure: a negative status of the header, and a message for people and models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub status: i32,
    pub message: String,
}

impl Failure {
    /// With the status FAILED.
    pub fn new(message: impl Into<String>) -> Self {
        Self::with_status(abi::E_FAILED, message)
    }

    /// An argument that breaks the contract.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::with_status(abi::E_INVALID, message)
    }

    pub fn with_status(status: i32, message: impl Into<String>) -> Self {
        let message: String = message.into();
        Self { status, message: if message.is_empty() { "failed without a reason".into() } else { message } }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new(error.to_string())
    }
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self::new(message)
    }
}

impl From<&str> for Failure {
    fn from(message: &str) -> Self {
        Self::new(message)
    }
}
