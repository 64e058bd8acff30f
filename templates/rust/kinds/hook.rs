//! {{title}}: a handler of the hook {{capability}}.

use aisopod_plugin::{export, Call, Failure, HookAnswer, Plugin, Setup};

/// Only for the tool `shell`. If this handler fails, that counts as a veto.
const SPEC: &str = r#"{"match": ["shell"], "failClosed": true}"#;

struct {{Class}};

impl Plugin for {{Class}} {
    fn setup(setup: &mut Setup<Self>) -> Self {
        setup.hook("{{capability}}", SPEC, check);
        {{Class}}
    }
}

/// `{"tool": "shell", "params": {"command": "…"}, …}`
fn check(_: &{{Class}}, call: &Call) -> Result<HookAnswer, Failure> {
    let input = call.parameters()?;
    let command = input.get("params").get("command").text().unwrap_or("");
    if command.contains("rm -rf") {
        return Ok(HookAnswer::Veto("the command deletes whole folders".into()));
    }
    Ok(HookAnswer::Continue)
}

export!({{Class}}, "{{id}}");
