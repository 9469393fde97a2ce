//! The pages around the contract: what is not there, and what cannot be done to them, is told as a problem too.

use crate::support::app::App;
use crate::support::trials;

trials![files_that_are_not_there_are_404, pages_can_only_be_read];

async fn files_that_are_not_there_are_404() {
    let nobody = App::shared().await.anonymous();
    for path in [
        "/docs/nothing",
        "/docs/%2e%2e/Cargo.toml",
        "/docs/%ff",
        "/problems/nothing",
        "/problems/%ff",
        "/openapi/public/v9.json",
        "/health/",
    ] {
        nobody.get(path).await.refused(404, "not_found");
    }
}

async fn pages_can_only_be_read() {
    let nobody = App::shared().await.anonymous();
    for path in [
        "/",
        "/docs/",
        "/docs/nothing",
        "/openapi",
        "/openapi/public/v2.yaml",
        "/problems",
        "/problems/not_found",
        "/health",
    ] {
        for method in ["POST", "DELETE", "OPTIONS"] {
            let reply = nobody
                .call(method, path)
                .await
                .refused(405, "method_not_allowed");
            assert_eq!(reply.header("Allow"), "GET,HEAD", "{method} {path}");
        }
    }
}
