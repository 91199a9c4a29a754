// Package openapi holds the module's own OpenAPI documents: what each client
// sends and accepts, and nothing more. The raw clients in internal/gen are
// generated from them, and the fakes are checked against them.
//
// The documents are written for this module, from public sources that each names
// at its top with version and date. They are not the services' official
// contracts, which describe more.
package openapi

import "embed"

// Documents holds pds.yaml, notify.yaml, mesh.yaml and caas.yaml.
//
//go:embed *.yaml
var Documents embed.FS
