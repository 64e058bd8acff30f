//! An invocation that is answered later.

use crate::call::{parsed, text_in};
use crate::host::Stream;
use crate::reply::message_of;
use crate::{abi, Call, Failure, Value};
use std::panic::{catch_unwind, AssertUnwindSafe};

/// It has copies of everything, and may be sent to any thread. It is completed by move, so only once (rule 16). If it is dropped, it
/// answers with a failure.
pub struct Pending {
    stream: Stream,
    method: String,
    input: Vec<u8>,
    context: Vec<u8>,
    is_answered: bool,
}

impl Pending {
    pub(crate) fn of(call: &Call, context: &[u8]) -> Self {
        let stream: &Stream = call;
        Self { stream: stream.clone(), method: call.method().to_string(), input: call.input().to_vec(), context: context.to_vec(), is_answered: false }
    }

    pub fn method(&self) -> &str {
        &self.method
    }
    pub fn input(&self) -> &[u8] {
        &self.input
    }
    pub fn parameters(&self) -> Result<Value, Failure> {
        parsed(&self.input)
    }
    pub fn context(&self, key: &str) -> Option<String> {
        text_in(&self.context, key)
    }

    pub fn complete(self, answer: Result<Value, Failure>) {
        match answer {
            Ok(value) => self.complete_json(Ok(value.to_string())),
            Err(failure) => self.complete_json(Err(failure)),
        }
    }

    /// The same for JSON text.
    pub fn complete_json(mut self, answer: Result<String, Failure>) {
        self.is_answered = true;
        match answer {
            Ok(json) => self.stream.complete(abi::OK, &json),
            Err(failure) => self.stream.complete(if failure.status < 0 { failure.status } else { abi::E_FAILED }, &failure.message),
        }
    }

    /// Does the work on a thread of its own, which is joined at shutdown, and answers with what it returns. A panic is a failure.
    pub fn run(self, work: impl FnOnce(&Pending) -> Result<Value, Failure> + Send + 'static) {
        let host = self.stream.host.clone();
        // If no thread can be started, `self` is dropped with the closure, which answers.
        let _ = host.spawn(move |_| {
            let answer = catch_unwind(AssertUnwindSafe(|| work(&self)));
            self.complete(answer.unwrap_or_else(|panic| Err(Failure::new(message_of(panic.as_ref())))));
        });
    }
}

impl std::ops::Deref for Pending {
    type Target = Stream;
    fn deref(&self) -> &Stream {
        &self.stream
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if self.is_answered {
            return;
        }
        let message = if std::thread::panicking() { "the plugin panicked" } else { "the plugin dropped this call without an answer" };
        self.stream.complete(abi::E_FAILED, message);
    }
}
