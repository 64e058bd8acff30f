//! Answers through an `abi::Reply`: all panics end here.

use crate::{abi, Failure};
use std::ffi::c_void;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// Runs `body` and writes what it returns. A panic becomes a failure (rule 20).
///
/// # Safety
/// `reply` is that of the current call.
pub unsafe fn answer(reply: *mut abi::Reply, body: impl FnOnce() -> Result<Answer, Failure>) -> i32 {
    let result = catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| Err(Failure::new(message_of(panic.as_ref()))));
    // SAFETY: the host's reply is valid until this call returns (rule 14).
    let reply = unsafe { &mut *reply };
    match result {
        Ok(Answer::Done) => abi::OK,
        Ok(Answer::Pending) => abi::PENDING,
        Ok(Answer::Json(json)) => unsafe { write_any(reply, json) },
        Err(failure) => {
            // A status that is not negative would be a success.
            unsafe { copy(reply, &failure.message.as_bytes()[..failure.message.len().min(reply.capacity)]) };
            if failure.status < 0 { failure.status } else { abi::E_FAILED }
        }
    }
}

pub enum Answer {
    Done,
    Pending,
    Json(String),
}

/// What a panic says.
pub fn message_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| text.to_string()).or_else(|| panic.downcast_ref::<String>().cloned());
    format!("the plugin panicked: {}", text.as_deref().unwrap_or("without a message"))
}

/// # Safety
/// As for `answer`; `bytes` fit.
unsafe fn copy(reply: &mut abi::Reply, bytes: &[u8]) {
    // SAFETY: the host lends `capacity` bytes at `buffer`.
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), reply.buffer.cast(), bytes.len()) };
    reply.length = bytes.len();
}

/// Into the lent buffer, or as memory that the host returns.
unsafe fn write_any(reply: &mut abi::Reply, json: String) -> i32 {
    if json.len() <= reply.capacity {
        unsafe { copy(reply, json.as_bytes()) };
    } else {
        let boxed = Box::new(json);
        reply.owned = boxed.as_ptr().cast();
        reply.length = boxed.len();
        reply.release = Some(release);
        reply.release_argument = Box::into_raw(boxed).cast();
    }
    abi::OK
}

unsafe extern "C" fn release(argument: *mut c_void, _owned: *const c_void) {
    // SAFETY: the host calls this once, with what write_any set.
    drop(unsafe { Box::from_raw(argument.cast::<String>()) });
}
