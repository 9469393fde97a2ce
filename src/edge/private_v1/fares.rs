//! Negotiated fares: file, list, read, discontinue.

use crate::api::private_v1::{operations as op, types};
use crate::api::problem::Code;
use crate::edge::call::{ANSWER_WITHIN, Call, filled};
use crate::edge::condition::unless_known;
use crate::edge::itinerary::{cabin as cabin_name, cabin_asked};
use crate::edge::money::{large, small};
use crate::edge::page::{self, listed};
use crate::kernel::clock::rfc3339;
use crate::kernel::id::FareId;
use crate::rpc::flights::v1 as flights;
use crate::wire::etag;
use crate::wire::problem::Problem;

pub async fn file(
    call: Call<'_>,
    id: FareId,
    request: op::FileFareInput,
) -> Result<op::FileFare, Problem> {
    let input = request.body;
    // Dates compare as their text does.
    if matches!((&input.valid_from, &input.valid_until), (Some(from), Some(until)) if from > until)
    {
        return Err(Problem::new(
            Code::InvalidState,
            "the fare ends before it starts",
        ));
    }
    let asked = flights::FileFareRequest {
        context: call.context(),
        fare: Some(flights::Fare {
            id: id.into(),
            carrier: input.carrier,
            origin: input.origin.unwrap_or_default(),
            destination: input.destination.unwrap_or_default(),
            cabin: input.cabin.map(cabin_asked).unwrap_or_default().into(),
            account_code: input.account_code,
            account_id: input.account_id.unwrap_or_default(),
            discount_basis_points: input.discount_basis_points.unsigned_abs(),
            valid_from: input.valid_from.unwrap_or_default(),
            valid_until: input.valid_until.unwrap_or_default(),
            ..flights::Fare::default()
        }),
    };
    let filed = call.clients.fares.file_fare(asked, ANSWER_WITHIN).await;
    let filed = filed.map_err(|status| unknown(status.into()))?;
    let idempotency_replayed = filed.replayed;
    let body = fare(filed);
    Ok(op::FileFare::Created {
        location: call.location("fares", &body.id),
        etag: etag::of_version(body.version),
        idempotency_replayed,
        body,
    })
}

pub async fn list(call: Call<'_>, request: op::ListFaresInput) -> Result<op::ListFares, Problem> {
    let filters = [
        ("carrier", request.carrier.as_deref()),
        ("account_code", request.account_code.as_deref()),
    ];
    let asked = flights::ListFaresRequest {
        context: call.context(),
        carrier: request.carrier.clone().unwrap_or_default(),
        account_code: request.account_code.clone().unwrap_or_default(),
        page: page::asked(request.after, request.limit),
    };
    let found = call.clients.fares.list_fares(asked, ANSWER_WITHIN).await?;
    let link = page::link(&call.path("fares"), &filters, request.limit, &found.next);
    let body = listed!(FareList: found.fares.into_iter().map(fare), found.next);
    Ok(op::ListFares::Ok { link, body })
}

pub async fn get(call: Call<'_>, request: op::GetFareInput) -> Result<op::GetFare, Problem> {
    let asked = flights::GetFareRequest {
        context: call.context(),
        fare_id: request.fare_id,
    };
    let body = fare(call.clients.fares.get_fare(asked, ANSWER_WITHIN).await?);
    let etag = etag::of_version(body.version);
    Ok(unless_known!(GetFare, request.if_none_match, etag, body))
}

pub async fn discontinue(
    call: Call<'_>,
    request: op::DiscontinueFareInput,
) -> Result<op::DiscontinueFare, Problem> {
    let asked = flights::DiscontinueFareRequest {
        context: call.context(),
        fare_id: request.fare_id,
    };
    let fares = &call.clients.fares;
    let ended = fares.discontinue_fare(asked, ANSWER_WITHIN).await?;
    let body = fare(ended);
    let etag = etag::of_version(body.version);
    Ok(op::DiscontinueFare::Ok { etag, body })
}

/// The schema holds the form of a fare; what the service finds wrong beyond it names what the timetable does not know.
fn unknown(problem: Problem) -> Problem {
    match problem.code() {
        Code::ValidationFailed => Problem::new(Code::NotFound, problem.detail()),
        _ => problem,
    }
}

fn fare(fare: flights::Fare) -> types::Fare {
    let cabin = match fare.cabin() {
        flights::Cabin::Unspecified => None,
        named => Some(cabin_name(named).to_owned()),
    };
    types::Fare {
        id: fare.id,
        carrier: fare.carrier,
        origin: filled(fare.origin),
        destination: filled(fare.destination),
        cabin,
        account_code: fare.account_code,
        account_id: filled(fare.account_id),
        discount_basis_points: small(fare.discount_basis_points),
        valid_from: filled(fare.valid_from),
        valid_until: filled(fare.valid_until),
        status: fare.status,
        created_at: rfc3339(fare.created_at_us),
        version: large(fare.version),
    }
}
