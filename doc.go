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
// # NHS numbers
//
// A [Number] is valid by construction and hides itself: fmt and slog print a
// mask. [Number.Reveal] and [Number.Display] show it. JSON and text carry the
// digits.
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
// User-restricted access (CIS2, NHS login) is not offered yet. Numbers in memory
// are unreadable, not encrypted.
package nhs
