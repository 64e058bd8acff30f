//! {{title}}: the channel {{capability}}. It sends each message back: replace `send` by your service.

use aisopod_plugin::{export, json, Call, Connection, Failure, Plugin, Setup, Value};
use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Default)]
struct {{Class}} {
    messages: AtomicU64,
}

impl Plugin for {{Class}} {
    fn setup(setup: &mut Setup<Self>) -> Self {
        // A service that receives messages by itself keeps the connection that the first closure gets.
        let connected = |_: &Self, _connection, _settings: &Value| Ok(());
        setup.channel("{{capability}}", "Sends each message back", r#"{"label":"{{title}}"}"#, connected, Self::send);
        Self::default()
    }
}

impl {{Class}} {
    /// `{"text": "…"}` -> `{"id": "…"}`
    fn send(&self, connection: &Connection, call: &Call) -> Result<Value, Failure> {
        let id = (self.messages.fetch_add(1, Ordering::Relaxed) + 1).to_string();
        let sent = call.parameters()?;
        let text = sent.get("text").text().unwrap_or("");
        let sender = json::object([("id", "echo".into())]);
        connection.receive(&json::object([("id", id.clone().into()), ("text", text.into()), ("sender", sender)]))?;
        Ok(json::object([("id", id.into())]))
    }
}

export!({{Class}}, "{{id}}");
