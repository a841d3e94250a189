//! `ptrctl request-text`.

use crate::client::{Client, with_query};
use crate::failure::Failure;
use crate::screen::Screen;
use clap::Args;
use ptrd_api::RequestTextFilter;

pub const EXAMPLES: &str = "\
Examples:
  ptrctl request-text 198.51.100.0/28 > request.txt
  ptrctl request-text 198.51.100.5 | mail -s 'Reverse DNS' noc@provider.example

Of addresses that are marked as sending (`ptrctl sending set`) the HELO names are asked for, of
others the PTRs that they have here. The text also says how to delegate instead.";

/// `request-text`.
#[derive(Debug, Args)]
pub struct RequestText {
    /// The addresses: one, or a range
    #[arg(value_name = "ADDRESS|PREFIX")]
    range: String,
    /// The language; `en` is all there is
    #[arg(long, value_name = "LANG", default_value = "en")]
    lang: String,
}

impl RequestText {
    pub async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        let filter = RequestTextFilter { range: self.range, lang: Some(self.lang) };
        let answer = client.get::<ptrd_api::RequestText>(&with_query("/v1/request-text", &filter)?).await?;
        if screen.json() {
            return screen.document(&answer.raw);
        }
        screen.text(answer.value.text.as_bytes())?;
        screen.warnings(&answer.value.warnings)
    }
}
