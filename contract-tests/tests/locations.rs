//! `Location` leads to what was made: by whatever operation, in every contract.

use crate::support::app::App;
use crate::support::contract::Contract;
use crate::support::sample::Sample;
use crate::support::trials_of_each_contract;

trials_of_each_contract![what_was_made_is_where_the_answer_says];

async fn what_was_made_is_where_the_answer_says(contract: &'static Contract) {
    let app = App::start(|_| {}).await;
    let sandbox = app.sandbox_at(contract).await;
    let mut followed = 0;
    for sample in contract.operations.iter().flat_map(Sample::all_of) {
        let made = sample.call(&sandbox.client).await;
        let location = made.header("Location");
        if location.is_empty() {
            continue;
        }
        followed += 1;
        let read = sandbox.client.get(location).await.expect(200);
        // What is sent again is in a list of what was sent.
        if read.body.get("id").is_some() {
            assert_eq!(read.body["id"], made.body["id"], "{location}");
        }
    }
    app.stop().await;
    assert!(followed > 0, "nothing was made");
}
