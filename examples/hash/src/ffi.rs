//! Converts between the host's pointers and safe Rust: all unsafe code that an invocation needs.

use crate::abi::{Reply, Request, FAILED, OK, TOO_LARGE};
use std::ffi::CStr;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// A failure: a status of the header, and a message for people.
pub struct Failure(pub i32, pub String);

/// Runs `body` and writes its result to the reply. A panic becomes a failure (rule 20).
///
/// # Safety
/// `reply` must be the reply of the current call.
pub unsafe fn answer(reply: *mut Reply, body: impl FnOnce() -> Result<String, Failure>) -> i32 {
    let result = catch_unwind(AssertUnwindSafe(body));
    let result = result.unwrap_or_else(|_| Err(Failure(FAILED, "the plugin panicked".into())));
    let reply = unsafe { &mut *reply };
    match result {
        Ok(text) => write(reply, text.as_bytes()),
        Err(Failure(status, message)) => {
            let length = message.len().min(reply.capacity);
            write(reply, &message.as_bytes()[..length]);
            status
        }
    }
}

/// Copies into the lent buffer, which has room for at least 4096 bytes.
fn write(reply: &mut Reply, bytes: &[u8]) -> i32 {
    if bytes.len() > reply.capacity {
        return TOO_LARGE;
    }
    // SAFETY: the host lends `capacity` bytes at `buffer` until the call returns (rule 14).
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), reply.buffer, bytes.len()) };
    reply.length = bytes.len();
    OK
}

/// The method and the input of a request, valid until the call returns (rule 14).
///
/// # Safety
/// `request` must be the request of the current call.
pub unsafe fn read<'call>(request: *const Request) -> (&'call str, &'call [u8]) {
    let request = unsafe { &*request };
    let method = unsafe { CStr::from_ptr(request.method) }.to_str().unwrap_or("");
    (method, unsafe { std::slice::from_raw_parts(request.input, request.input_length) })
}
