// Package caastest is the CaaS published cohort definitions API in process, for
// tests.
//
//	server := caastest.New(caastest.Options{Cohorts: cohorts})
//	web := httptest.NewServer(server)
//	app, err := nhs.NewApp(nhs.Loopback(web.URL), nhs.Anonymous{})
//	definitions, err := caas.NewDefinitions(app)
//
// It answers the two published queries, whole: it does not leave out fields that
// a query does not ask for, but refuses a query with a word that is not in the
// schema, as the real service does, with status 400 and the code
// GRAPHQL_VALIDATION_FAILED. A variable of the wrong type gives status 200 with
// the code BAD_USER_INPUT, and an unknown slug an ErrorDescription with code 404.
//
// Cohort files come through MESH: deliver them with package meshtest.
package caastest
