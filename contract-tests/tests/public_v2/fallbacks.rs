//! What is no operation: unknown paths are problems too.

use serde_json::json;

use crate::support::app::App;
use crate::support::trials;

trials![unknown_paths_are_404];

async fn unknown_paths_are_404() {
    let app = App::shared().await;
    let account = app.account().await;
    for path in [
        "/public/v2",
        "/public/v2/",
        "/public/v2/nothing",
        "/public/v2/orders/",
        "/public/v2/Orders",
        "/public/v2/places/x",
        "/public/v9/places",
        "/public/v2/%00",
        "/public/v2/orders/ord_00000000000000000000000001/nothing",
    ] {
        for client in [&account.client, &app.anonymous()] {
            client.get(path).await.refused(404, "not_found");
            client
                .post(path, &json!({}))
                .await
                .refused(404, "not_found");
        }
    }
}
