package nhs

import (
	"net"
	"net/url"
	"strings"
)

// Environment is one deployment of the NHS platforms, or a loopback server that
// stands in for them.
type Environment string

// The environments of the API platform. The sandbox is open and stateless;
// integration is stateful, with test data; production is real.
//
// Source: API catalogue pages of PDS and NHS Notify; MESH API specification.
const (
	Sandbox     Environment = "sandbox"
	Integration Environment = "integration"
	Production  Environment = "production"
)

// Loopback returns an environment for tests, in which every service lives below
// baseURL, at the path it has on the API platform: "http://127.0.0.1:8080". The
// host must be a loopback address; [NewApp] refuses any other.
func Loopback(baseURL string) Environment {
	return Environment(strings.TrimSuffix(baseURL, "/"))
}

// API returns the base address of the API platform, without a trailing slash.
func (e Environment) API() string {
	switch e {
	case Sandbox:
		return "https://sandbox.api.service.nhs.uk"
	case Integration:
		return "https://int.api.service.nhs.uk"
	case Production:
		return "https://api.service.nhs.uk"
	default:
		return string(e)
	}
}

// TokenURL returns the address of the token endpoint. It is also the audience a
// signed JWT must name.
func (e Environment) TokenURL() string { return e.API() + "/oauth2/token" }

// MESH returns the base address of the MESH API, or "" where there is none: the
// sandbox has no MESH.
func (e Environment) MESH() string {
	switch e {
	case Sandbox:
		return ""
	case Integration:
		return "https://msg.intspineservices.nhs.uk"
	case Production:
		return "https://mesh-sync.spineservices.nhs.uk"
	default:
		return string(e)
	}
}

// validate refuses an environment that is neither a known one nor on loopback:
// credentials and patient data go nowhere else.
func (e Environment) validate() error {
	switch e {
	case Sandbox, Integration, Production:
		return nil
	}
	u, err := url.Parse(string(e))
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.RawQuery != "" || u.User != nil {
		return &ArgumentError{Name: "environment", Reason: "must be Sandbox, Integration, Production or Loopback with an http(s) address"}
	}
	if ip := net.ParseIP(u.Hostname()); u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return &ArgumentError{Name: "environment", Reason: "must be on loopback when it is an address"}
	}
	return nil
}
