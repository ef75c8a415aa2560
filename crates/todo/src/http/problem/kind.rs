//! The table of all problems that this service answers with. A slug is a promise to clients:
//! it is never reused, and its status never changes.

use axum::http::StatusCode;

/// One kind of problem: what stays the same whenever it occurs.
#[derive(Debug)]
pub struct Kind {
    /// Names it, as the last part of its `type`.
    pub slug: &'static str,
    /// The status that it is answered with.
    pub status: StatusCode,
    /// What it is, in a few words.
    pub title: &'static str,
    /// What it means, and what to do.
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

        /// Every kind there is.
        pub static ALL: &[&Kind] = &[$(&$name),*];
    };
}

kinds! {
    MALFORMED_JSON "malformed-json" BAD_REQUEST "Malformed JSON"
        "The body is not one complete JSON text in UTF-8. `detail` says where it stops being one."
    MALFORMED_BODY "malformed-body" BAD_REQUEST "Malformed body"
        "The body ended early, or its encoding was broken. Send it again."
    BAD_HEADER "bad-header" BAD_REQUEST "Bad header"
        "A header of the request is missing, given twice, or not written as it has to be. `errors` names it."
    FOREIGN_ORIGIN "foreign-origin" FORBIDDEN "Foreign origin"
        "A page of another origin tried to change something. Start the service with `--cors-origin` to allow it."
    NOT_LOCAL "not-local" FORBIDDEN "Not local"
        "The lab loads the machine it runs on, so only this machine may ask for it, and without a proxy."
    LOGIN_REFUSED "login-refused" FORBIDDEN "Login refused"
        "There is no such person here."
    ROUTE_NOT_FOUND "route-not-found" NOT_FOUND "Route not found"
        "Nothing is served at this path. `/docs` shows what is."
    TODO_NOT_FOUND "todo-not-found" NOT_FOUND "Todo not found"
        "There is no todo with this id, or there is none any more."
    ITEM_NOT_FOUND "item-not-found" NOT_FOUND "Item not found"
        "There is no checklist item with this id, or there is none any more."
    PROBLEM_NOT_FOUND "problem-not-found" NOT_FOUND "Problem not found"
        "There is no kind of problem with this name. `/problems` lists them all."
    METHOD_NOT_ALLOWED "method-not-allowed" METHOD_NOT_ALLOWED "Method not allowed"
        "This path is served, but not with this method. `Allow` lists the methods it is served with."
    CHECKLIST_FULL "checklist-full" CONFLICT "Checklist full"
        "A todo has at most 1000 checklist items. Delete some first."
    EXISTS "exists" PRECONDITION_FAILED "Exists already"
        "With `If-None-Match: *`, something is created only where nothing is, and under this id there is something."
    PRECONDITION_FAILED "precondition-failed" PRECONDITION_FAILED "Precondition failed"
        "The request was to be carried out only in a state that is not there, by `If-Match` or `If-None-Match`. Read what is there, and decide again. Nothing has entity tags yet, so of `If-Match` only `*` can hold."
    BODY_TOO_LARGE "body-too-large" PAYLOAD_TOO_LARGE "Body too large"
        "The body has more bytes than the service takes: `--body-limit`, 1 MiB unless told otherwise."
    UNSUPPORTED_MEDIA_TYPE "unsupported-media-type" UNSUPPORTED_MEDIA_TYPE "Unsupported media type"
        "The body is in a format that is not understood here. Send JSON, and say so in `Content-Type`."
    FOREIGN_HOST "foreign-host" MISDIRECTED_REQUEST "Foreign host"
        "The request names a host that this service is not. It serves the local machine alone."
    INVALID "invalid" UNPROCESSABLE_ENTITY "Invalid request"
        "Some fields or parameters are wrong. `errors` lists each, with a JSON pointer into the body (RFC 6901) or the parameter's name."
    INTERNAL "internal" INTERNAL_SERVER_ERROR "Internal error"
        "The service failed. Its log says how, under the request's `x-request-id`."
    OVERLOADED "overloaded" SERVICE_UNAVAILABLE "Overloaded"
        "Too much waits to be done. Nothing was changed; try again after `Retry-After` seconds."
    DATABASE_LOCKED "database-locked" SERVICE_UNAVAILABLE "Database locked"
        "Another program holds the database locked, so nothing was changed. Try again after `Retry-After` seconds, or end that program."
    DISK_FULL "disk-full" INSUFFICIENT_STORAGE "Disk full"
        "The disk that holds the database is full, so nothing was changed. Free some space; nothing has to be restarted. Then try again."
    LAB_BUSY "lab-busy" SERVICE_UNAVAILABLE "Lab busy"
        "An experiment of the lab runs already, and two at once would measure each other. Try again after `Retry-After` seconds."
    TIMEOUT "timeout" SERVICE_UNAVAILABLE "Timeout"
        "The request took too long. If it was to change something, that may or may not have happened."
    NOT_READY "not-ready" SERVICE_UNAVAILABLE "Not ready"
        "Writes cannot be carried out now. `detail` says why."
}
