package conformance_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/nhstest"
)

// started is the time it is.
func started() time.Time { return time.Date(2026, time.March, 2, 10, 0, 0, 0, time.UTC) }

// person is the holder of the nth test number.
func person(n int) nhs.Number {
	return nhs.MustNumber([]string{
		"9990000018", "9990000026", "9990000034", "9990000042", "9990000050", "9990000069", "9990000077", "9990000085", "9990000093",
	}[n])
}

// start runs the services until the test ends. Their clock stands still, unless
// they have another.
func start(t *testing.T, o nhstest.Options) *nhstest.NHS {
	t.Helper()
	if o.Now == nil {
		o.Now = started
	}
	services, err := nhstest.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := services.Close(); err != nil {
			t.Error(err)
		}
	})
	return services
}

// connect makes a client, of an application whose traffic with one service is
// watched.
func connect[T any](t *testing.T, services *nhstest.NHS, c *contract, construct func(*nhs.App) (T, error)) T {
	t.Helper()
	app, err := services.App("conformance", c.options(t)...)
	if err != nil {
		t.Fatal(err)
	}
	client, err := construct(app)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// want fails the test unless err is the wanted sentinel with the wanted status.
func want(t *testing.T, what string, err, sentinel error, status int) {
	t.Helper()
	e, ok := errors.AsType[*nhs.Error](err)
	if !errors.Is(err, sentinel) || !ok || e.StatusCode != status {
		t.Errorf("%s: got %v, want %d %v", what, err, status, sentinel)
	}
}

// sample reads a published sample. It skips the test when the samples are not
// here.
func sample(t *testing.T, elem ...string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{"..", "..", "..", "shared", "data"}, elem...)...))
	if os.IsNotExist(err) {
		t.Skip("the published samples are not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	return text
}
