package parity_test

import (
	"log"
	"os"
	"testing"

	"github.com/personalised-prevention/nhs/cohort/internal/parity"
)

var engines parity.Engines

func TestMain(m *testing.M) {
	code := m.Run()
	if err := engines.Close(); err != nil {
		log.Fatal(err)
	}
	os.Exit(code)
}
