//! {{title}}: the provider {{capability}}. Its model repeats the last message: replace `chat` by your service.

use aisopod_plugin::{export, json, Call, Failure, Plugin, Setup, Value};

struct {{Class}};

impl Plugin for {{Class}} {
    fn setup(setup: &mut Setup<Self>) -> Self {
        setup.provider("{{capability}}", "Repeats the last message", "", models, chat);
        {{Class}}
    }
}

fn models(_: &{{Class}}, _: &Call) -> Result<Value, Failure> {
    Ok(vec![json::object([("id", "echo-1".into()), ("name", "Echo".into())])].into())
}

/// `{"model": "echo-1", "messages": […]}` -> `{"role": "assistant", "content": "…"}`
fn chat(_: &{{Class}}, call: &Call) -> Result<Value, Failure> {
    let request = call.parameters()?;
    let last = request.get("messages").list()?.last().ok_or_else(|| Failure::invalid("messages: expected at least one"))?;
    let text = last.get("content").text()?;
    for piece in text.split_inclusive(' ') {
        call.delta(piece)?;
    }
    Ok(json::object([("role", "assistant".into()), ("content", text.into()), ("finishReason", "stop".into())]))
}

export!({{Class}}, "{{id}}");
