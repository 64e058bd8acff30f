//! Channels: the connection between `start` and its cancellation.

use crate::host::Stream;
use crate::{abi, Failure, Value};
use std::sync::{Mutex, PoisonError};

/// A connection of a channel: passes messages that arrive on to the host, from any thread.
#[derive(Clone)]
pub struct Connection(pub(crate) Stream);

impl Connection {
    /// Fails once the connection has ended.
    pub fn receive(&self, message: &Value) -> Result<(), Failure> {
        self.0.emit_as(abi::FORMAT_JSON, abi::TAG_MESSAGE, message.to_string().as_bytes())
    }
    /// Whether the host has disconnected.
    pub fn is_closed(&self) -> bool {
        self.0.is_cancelled()
    }
}

/// The one connection that a channel has at a time.
#[derive(Default)]
pub(crate) struct Current(Mutex<Option<Stream>>);

impl Current {
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Stream>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn get(&self) -> Option<Connection> {
        self.lock().clone().map(Connection)
    }

    /// The start of a new connection, which may have been cancelled already.
    pub fn set(&self, stream: Stream) {
        let previous = self.lock().replace(stream.clone());
        // The lock is free while a host function is called (rule 13).
        if let Some(previous) = previous {
            previous.complete(abi::OK, "null");
        }
        if stream.is_cancelled() {
            self.end(stream.invocation);
        }
    }

    /// Completes `start`. Called on any thread.
    pub fn end(&self, invocation: u64) {
        let ended = {
            let mut current = self.lock();
            if current.as_ref().is_some_and(|stream| stream.invocation == invocation) { current.take() } else { None }
        };
        if let Some(stream) = ended {
            stream.complete(abi::OK, "null");
        }
    }
}
