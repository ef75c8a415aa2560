//! The table of all kinds of problems. Slugs are stable: a slug is never reused, and its status
//! never changes.

use axum::http::StatusCode;

/// One kind of problem: the parts that are the same in every occurrence.
#[derive(Debug)]
pub struct Kind {
    /// The last part of its `type`.
    pub slug: &'static str,
    /// The HTTP status of the response.
    pub status: StatusCode,
    /// A short name for people.
    pub title: &'static str,
    /// What the problem means, and what the client can do.
    pub meaning: &'static str,
}

macro_rules! kinds {
    ($($name:ident $slug:literal $status:ident $title:literal $meaning:literal)*) => {
        $(
            #[doc = $meaning]
            pub static $name: Kind = Kind {
                slug: $slug,
                status: StatusCode::$status,
                title: $title,
                meaning: $meaning,
            };
        )*

        /// All kinds.
        pub static ALL: &[&Kind] = &[$(&$name),*];
    };
}

kinds! {
    MALFORMED_JSON "malformed-json" BAD_REQUEST "Malformed JSON"
        "The body is not one complete JSON text in UTF-8. `detail` says where it stops being one."
    MALFORMED_BODY "malformed-body" BAD_REQUEST "Malformed body"
        "The body ended early, or its encoding was broken. Send it again."
    BAD_HEADER "bad-header" BAD_REQUEST "Bad header"
        "A header of the request is missing, given twice or malformed. `errors` names it."
    FOREIGN_ORIGIN "foreign-origin" FORBIDDEN "Foreign origin"
        "A page of another origin tried to change something. Start the service with `--cors-origin` to allow it."
    NOT_LOCAL "not-local" FORBIDDEN "Not local"
        "The lab puts load on the machine it runs on, so it only serves requests from that machine. Send them without a proxy."
    LOGIN_REFUSED "login-refused" FORBIDDEN "Login refused"
        "There is no person with this name."
    ROUTE_NOT_FOUND "route-not-found" NOT_FOUND "Route not found"
        "Nothing is served at this path. `/docs` shows what is."
    TODO_NOT_FOUND "todo-not-found" NOT_FOUND "Todo not found"
        "There is no todo with this id. It may have been deleted."
    ITEM_NOT_FOUND "item-not-found" NOT_FOUND "Item not found"
        "There is no checklist item with this id. It may have been deleted."
    PROBLEM_NOT_FOUND "problem-not-found" NOT_FOUND "Problem not found"
        "There is no kind of problem with this name. `/problems` lists them all."
    METHOD_NOT_ALLOWED "method-not-allowed" METHOD_NOT_ALLOWED "Method not allowed"
        "This path is served, but not with this method. `Allow` lists the methods it is served with."
    REQUEST_TIMEOUT "request-timeout" REQUEST_TIMEOUT "Request timeout"
        "The body of the request did not arrive within `--request-timeout`, which is 30 s by default. Nothing was changed; send it again."
    CHECKLIST_FULL "checklist-full" CONFLICT "Checklist full"
        "A todo has at most 1000 checklist items. Delete some first."
    EXISTS "exists" PRECONDITION_FAILED "Exists already"
        "`If-None-Match: *` only creates. A todo or checklist item with this id exists already, so nothing was changed."
    PRECONDITION_FAILED "precondition-failed" PRECONDITION_FAILED "Precondition failed"
        "The condition in `If-Match` or `If-None-Match` does not hold, so nothing was changed. Read the present state, and decide again. Nothing has entity tags yet, so the only `If-Match` that can hold is `*`."
    BODY_TOO_LARGE "body-too-large" PAYLOAD_TOO_LARGE "Body too large"
        "The body has more bytes than `--body-limit` allows, which is 1 MiB by default."
    UNSUPPORTED_MEDIA_TYPE "unsupported-media-type" UNSUPPORTED_MEDIA_TYPE "Unsupported media type"
        "The service does not accept the body's media type, charset or encoding. Send plain JSON in UTF-8, with `Content-Type: application/json`."
    FOREIGN_HOST "foreign-host" MISDIRECTED_REQUEST "Foreign host"
        "The request names another host. This service only answers requests to this machine, such as to `localhost`, `127.0.0.1` or `[::1]`."
    EXPECTATION_FAILED "expectation-failed" EXPECTATION_FAILED "Expectation failed"
        "`Expect` asks for something that the service does not support. It supports only `100-continue`."
    INVALID "invalid" UNPROCESSABLE_ENTITY "Invalid request"
        "Some fields or parameters are wrong. `errors` lists each, with a JSON pointer into the body (RFC 6901) or the parameter's name."
    INTERNAL "internal" INTERNAL_SERVER_ERROR "Internal error"
        "The service failed. Its log says how, under the request's `x-request-id`."
    OVERLOADED "overloaded" SERVICE_UNAVAILABLE "Overloaded"
        "The service accepts no more work at the moment. Nothing was changed; try again after `Retry-After` seconds."
    DATABASE_LOCKED "database-locked" SERVICE_UNAVAILABLE "Database locked"
        "Another program holds the database locked, so nothing was changed. Try again after `Retry-After` seconds, or end that program."
    DISK_FULL "disk-full" INSUFFICIENT_STORAGE "Disk full"
        "The disk that holds the database is full, so nothing was changed. Free some space, and try again. The service needs no restart."
    LAB_BUSY "lab-busy" SERVICE_UNAVAILABLE "Lab busy"
        "The lab is running an experiment already, and two at once would distort each other's measurements. Try again after `Retry-After` seconds."
    TIMEOUT "timeout" SERVICE_UNAVAILABLE "Timeout"
        "The request took too long. A change that it asked for may or may not have been made."
    NOT_READY "not-ready" SERVICE_UNAVAILABLE "Not ready"
        "Writes cannot be carried out now. `detail` says why."
}
