//! Notify's contract: requests in, answers out, and each error to its problem code.

use tonic::{Request, Response, Status, async_trait};

use super::{Error, NotifyService};
use crate::api::problem::Code;
use crate::platform::status;
use crate::rpc::notify::v1::feed_server::Feed;
use crate::rpc::notify::v1::{ListEventsRequest, ListEventsResponse};

#[async_trait]
impl Feed for NotifyService {
    async fn list_events(
        &self,
        request: Request<ListEventsRequest>,
    ) -> Result<Response<ListEventsResponse>, Status> {
        Ok(Response::new(self.events(request.into_inner()).await?))
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Status {
        let code = match &error {
            Error::Invalid(_) => Code::InvalidParameter,
            Error::Store(_) => return status::fault(&error),
        };
        status::refuse(code, error.to_string())
    }
}
