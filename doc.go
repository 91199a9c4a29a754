// Package nhs is the shared vocabulary of an SDK for NHS England services: who
// your application is, which environment it talks to, what an NHS number is, and
// what errors look like. The clients live in their own packages and need only
// what they import.
//
//	app, err := nhs.NewApp(nhs.Integration, nhs.SignedJWT{
//		APIKey: apiKey, KeyID: "int-1", PrivateKey: pem,
//	})
//	patients, err := pds.New(app)
//
// # An App
//
// An [App] holds credentials and what its clients share: one access token,
// renewed a minute before it expires by whichever goroutine needs it first, and
// one even pace of requests for each service. It reads nothing from the
// environment; clock, randomness, HTTP client and logger are options.
//
// # Access
//
// [SignedJWT] gives application-restricted access. [UserToken] gives access on
// behalf of a healthcare worker (CIS2) or a patient (NHS login) whom the program
// has signed in: it names the kind of access and returns the user's token. What
// the access does not allow is refused before anything is sent.
//
// # NHS numbers
//
// A [Number] is valid by construction and hides itself: fmt and slog print a
// mask. [Number.Reveal] and [Number.Display] show it. JSON and text carry the
// digits; [MaskAttr] keeps them out of JSON logs.
//
// # Dates
//
// A [Date] may be known to the day, the month or the year, as in NHS records.
//
// # Errors
//
// A service's refusal is an [*Error]: operation, status, the service's own code,
// the request id to quote in a support call, and whether a retry may help. It
// unwraps to a sentinel such as [ErrNotFound]. Bad input is an [*ArgumentError]
// before anything is sent; a missing token an [*AuthError]. None of their texts
// holds personal data.
//
// # Limits
//
// Signing users in, and renewing their tokens, is up to the program. Numbers in
// memory are unreadable, not encrypted.
package nhs
