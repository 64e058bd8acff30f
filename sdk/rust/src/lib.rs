//! Plugins for aisopod hosts, in safe Rust and without dependencies. The contract is that of aisopod/plugin.h, whose rules the
//! comments cite by number.
//!
//! ```ignore
//! use aisopod_plugin::{export, json, Failure, Plugin, Setup};
//!
//! struct Weather;
//!
//! impl Plugin for Weather {
//!     fn setup(setup: &mut Setup<Self>) -> Self {
//!         setup.tool("forecast", "Says how warm it is", r#"{"type":"object","required":["city"]}"#, |_, call| {
//!             let city = call.parameters()?.get("city").text()?.to_string();
//!             Ok(json::object([("city", city.into()), ("celsius", (-3).into())]))
//!         });
//!         Weather
//!     }
//! }
//! export!(Weather, "weather");
//! ```
//!
//! What this crate prevents:
//! - 2, 6: the structs are generated from the same table as the host's, and the compiler checks each size and offset.
//! - 14: a `Call` cannot outlive its handler, and cannot be sent to another thread: both do not compile. A `Pending` has copies.
//! - 15, 16: a handler either returns its answer or takes a `Pending`, which is completed by move: a second completion does not
//!   compile. One that is dropped answers with a failure.
//! - 10: threads of `Pending::run` and `Host::spawn` are joined before shutdown returns.
//! - 11: what several threads may use must be `Sync`.
//! - 18: `emit` waits for room. The handler of an inline tool gets a `Request`, which has no `emit`.
//! - 20: an `Err` or a panic becomes a status with a message.

pub mod abi;
mod call;
mod channel;
mod failure;
mod host;
pub mod json;
mod pending;
mod plugin;
mod reply;
mod setup;

pub use call::{Call, Command, Request};
pub use channel::Connection;
pub use failure::Failure;
pub use host::{Host, Level, Reply, Stop, Stream};
pub use json::Value;
pub use pending::Pending;
pub use plugin::{Init, Plugin};
pub use setup::{HookAnswer, Setup};

#[doc(hidden)]
pub use plugin::{create, destroy, NOTE};

/// Defines the exports of a plugin: `export!(Type, "id")`. Use it once.
#[macro_export]
macro_rules! export {
    ($plugin:ty, $id:literal) => {
        #[no_mangle]
        #[used]
        #[allow(non_upper_case_globals)]
        pub static aisopod_plugin_note: $crate::abi::Note = $crate::NOTE;

        #[no_mangle]
        pub extern "C" fn aisopod_plugin_abi_version() -> u32 {
            $crate::abi::ABI_VERSION
        }

        #[no_mangle]
        pub extern "C" fn aisopod_plugin_create() -> *const $crate::abi::Plugin {
            $crate::create::<$plugin>($id)
        }

        /// # Safety
        /// `plugin` is what `aisopod_plugin_create` returned, once.
        #[no_mangle]
        pub unsafe extern "C" fn aisopod_plugin_destroy(plugin: *const $crate::abi::Plugin) {
            unsafe { $crate::destroy::<$plugin>(plugin) }
        }
    };
}
