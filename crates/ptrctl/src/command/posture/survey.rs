//! What the last looks saw, in the form that `ptrctl verify --json` writes: lines of JSON.

use crate::client::Client;
use crate::command::verify::document;
use crate::failure::{Failure, verified};
use crate::listing::pages;
use crate::screen::Screen;
use ptrd_api::{PostureFilter, PostureView};
use ptrd_posture::identity::{FORMAT, Grade, Identity, Line, Rules, Source, Summary, Survey};

/// Writes it. What was not looked at yet is left out.
pub async fn write(
    client: &mut Client,
    screen: &mut Screen,
    what: String,
    filter: PostureFilter,
) -> Result<(), Failure> {
    let mut identities: Vec<Identity> = Vec::new();
    let filter = PostureFilter { evidence: true, kind: Some("identity".to_owned()), ..filter };
    pages(client, screen, "/v1/posture", filter, None, |_, _, items: Vec<PostureView>| {
        let identity = |view: PostureView| serde_json::from_value(view.identity?).ok();
        identities.extend(items.into_iter().filter_map(identity));
        Ok(())
    })
    .await?;
    let survey = Survey {
        format: FORMAT,
        of: vec![what],
        addresses: identities.len() as u64,
        digest: String::new(),
        sources: sources(&identities),
        sample: None,
        rules: Rules::default(),
        at: identities.iter().flat_map(|it| &it.observations).map(|it| it.at).min().unwrap_or(0),
    };
    document(screen, &Line::Survey(survey))?;
    let mut summary = Summary::default();
    for identity in identities {
        summary.add(&identity);
        document(screen, &Line::Identity(identity))?;
    }
    let grade = summary.grade();
    document(screen, &Line::Summary(summary))?;
    verified(grade.unwrap_or(Grade::Pass))
}

/// Who was asked, in the order of the first of whom they were asked.
fn sources(identities: &[Identity]) -> Vec<Source> {
    let mut sources: Vec<Source> = Vec::new();
    for observation in identities.iter().flat_map(|it| &it.observations) {
        let address = observation.server.filter(|_| !observation.is_authoritative());
        let source = Source { name: observation.source.clone(), address };
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    sources
}
