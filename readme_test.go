package nhs_test

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
	"github.com/personalised-prevention/nhs/campaign"
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
	"github.com/personalised-prevention/nhs/cohort/columnar"
	"github.com/personalised-prevention/nhs/cohort/gpes"
	"github.com/personalised-prevention/nhs/cohort/person"
	"github.com/personalised-prevention/nhs/cohort/sqlengine"
	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/nhstest"
	"github.com/personalised-prevention/nhs/notify"
	"github.com/personalised-prevention/nhs/pds"
	"github.com/personalised-prevention/nhs/pds/pdstest"
)

// TestReadmeCompiles fails when a Go block of README.md is not the body of one of
// the functions below, which the compiler checks.
func TestReadmeCompiles(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("readme_test.go")
	if err != nil {
		t.Fatal(err)
	}
	dedented := regexp.MustCompile(`(?m)^\t`).ReplaceAllString(string(source), "")
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(readme), -1)
	if len(blocks) == 0 {
		t.Fatal("README.md has no Go blocks")
	}
	for _, block := range blocks {
		if !strings.Contains(dedented, block[1]) {
			t.Errorf("this block is not in readme_test.go:\n%s", block[1])
		}
		if lines := strings.Count(block[1], "\n"); lines > 15 {
			t.Errorf("this block has %d lines:\n%s", lines, block[1])
		}
	}
}

// The functions below are never called: compiling them is the test.
var _ = []any{readmeApp, readmePDS, readmeNotify, readmeMESH, readmeCohort, readmeColumnar, readmeSQL, readmeGovernance, readmeCampaign, readmeTest}

func readmeApp(apiKey string, privateKey []byte, logger *slog.Logger) (*nhs.App, error) {
	app, err := nhs.NewApp(nhs.Integration, nhs.SignedJWT{
		APIKey: apiKey, KeyID: "int-1", PrivateKey: privateKey, // or a Signer, for a key in hardware
	}, nhs.WithLogger(logger), nhs.WithRate(nhs.PDS, nhs.Rate{PerSecond: 5}))
	return app, err
}

func readmePDS(ctx context.Context, app *nhs.App, text string) error {
	patients, err := pds.New(app)
	if err != nil {
		return err
	}
	number, err := nhs.ParseNumber(text) // refuses a wrong check digit, prints as a mask
	if err != nil {
		return err
	}
	p, err := patients.Get(ctx, number) // paced, retried, never logged with its number
	if err != nil {
		return err // errors.Is(err, nhs.ErrNotFound)
	}
	fmt.Println(p.Superseded(number), p.Deceased(), p.Restricted())
	return nil
}

func readmeNotify(ctx context.Context, messages *notify.Client, key []byte, people iter.Seq2[notify.Message, error], secrets notify.Secrets) error {
	journal, err := notify.OpenJournal("wave-1.journal") // written before every request
	if err != nil {
		return err
	}
	sender, err := messages.Bulk(journal, notify.BulkOptions{Run: "wave-1", RunKey: key})
	if err != nil {
		return err
	}
	callbacks, err := notify.OpenCallbackLog("wave-1.callbacks") // on disk before 202; a StatusBook reads them
	if err != nil {
		return err
	}
	http.Handle("/notify", notify.Callbacks(secrets, callbacks.Append))
	_, err = sender.Send(ctx, people) // after a crash: the same call again
	return err
}

func readmeMESH(ctx context.Context, box *mesh.Client, workflow string, members caas.Membership) (caas.Received, error) {
	source := caas.MESH{Box: box, Workflow: workflow, Spool: "spool"} // or caas.Directory{Path: "inbox"}
	applier := caas.Applier{Members: members}                         // your database
	found, err := caas.Receive(ctx, source, caas.Handlers{
		Delivery: func(ctx context.Context, d caas.Delivery) error {
			totals, err := applier.Apply(ctx, d) // once, however often it comes
			fmt.Println(totals.Joined, "joined", totals.Left, "left", totals.Tally.Refused, "rows refused")
			return err // only when it is nil is the file acknowledged
		},
	})
	return found, err // how many files came, how many say that nothing has changed
}

func readmeCohort(ctx context.Context, systolic *codelist.List, people iter.Seq2[*cohort.Record, error], count func(cohort.Outcome) error) error {
	reading := gpes.Journal.Where(gpes.Code.In(systolic), gpes.Date.Within(cohort.Months(24), cohort.Index))
	definition, err := cohort.New("blood-pressure-review", "1.0.0",
		cohort.Include("registered", person.Practice.Known()),
		cohort.Include("aged 40 to 74", person.AgeOn(cohort.Index).Between(40, 74)).IfUnknown(cohort.Refer),
		cohort.Include("high blood pressure", cohort.Latest(reading, gpes.Value1).AtLeast(140)).IfUnknown(cohort.TreatAsNo))
	if err != nil {
		return err // names the step and how to mend it
	}
	plan, err := definition.Bind(cohort.Index.Is(cohort.MustDate("2026-11-01")))
	if err != nil {
		return err
	}
	fmt.Println(plan.English(), plan.Hash())
	_, err = plan.Run(ctx, people, func(_ *cohort.Record, result cohort.Result) error { return count(result.Outcome) })
	return err
}

func readmeColumnar(ctx context.Context, plan *cohort.Plan, show func(columnar.Progress), invite func(cohort.Key, error)) error {
	store, err := columnar.Open("extract") // extract/person/*.parquet, extract/gpes.journal/*.parquet, ...
	if err != nil {
		return err
	}
	result, err := columnar.Run(ctx, plan, store, columnar.OnProgress(show))
	if err != nil {
		return err // which file and row are out of order, which column is not there
	}
	table, err := result.Attrition().Publish(cohort.HES()) // small numbers are hidden
	fmt.Println(table, err)
	for member, err := range columnar.Members(ctx, plan, store) {
		invite(member.Key, err)
	}
	return nil
}

func readmeSQL(ctx context.Context, plan *cohort.Plan, dsn string) error {
	query, err := sqlengine.Compile(plan, sqlengine.Spark, sqlengine.Table("gpes.journal",
		sqlengine.Source{Name: []string{"dars", "gdppr"}, Key: "NHS_NUMBER_DEID"}))
	if err != nil {
		return err // what the dialect cannot express; nothing is dropped
	}
	db, err := sql.Open("databricks", dsn) // import _ "github.com/databricks/databricks-sql-go"
	if err != nil {
		return err
	}
	attrition, err := query.Run(ctx, db) // only counts leave the database; query.Members streams people
	fmt.Println(attrition, err)
	return err
}

func readmeGovernance(ctx context.Context, authority *governance.Authority, proposal governance.Proposal, gate governance.Gate, key *governance.Signer) error {
	note, err := governance.Approve(proposal, gate, time.Now()).Sign(key) // readable text, then signatures
	if err != nil {
		return err
	}
	if _, err := authority.Submit(ctx, note); err != nil { // into the Merkle log, or refused
		return err
	}
	report, err := authority.Check(ctx, proposal, nil, "")
	if err != nil {
		return err
	}
	fmt.Println(report) // each gate: met, missing, void and why, expired, rejected
	permit, err := authority.PermitBuild(ctx, proposal)
	fmt.Println(permit, err)
	return err
}

func readmeCampaign(ctx context.Context, config campaign.Config) error {
	run, err := campaign.New(config) // definition, members, authority, clients, key
	if err != nil {
		return err
	}
	manifest, err := run.Build(ctx) // everybody checked against PDS, the list sealed
	if err != nil {
		return err
	}
	fmt.Println("to be approved and released:", manifest.Digest())
	if err := run.Send(ctx, governance.Pilot); err != nil { // refused until people have signed
		return err
	}
	healthy, err := run.Settle(ctx, governance.Pilot) // when callbacks have come
	fmt.Println(run.Outcome(), healthy)
	return err
}

func readmeTest(t *testing.T) {
	services, err := nhstest.Start(nhstest.Options{}) // token endpoint, PDS, Notify, MESH, on loopback
	if err != nil {
		t.Fatal(err)
	}
	defer services.Close()
	err = services.PDS.Put(pdstest.Person{Number: nhs.MustNumber("999 000 0018"), Family: "Smith"})
	if err != nil {
		t.Fatal(err)
	}
	app, err := services.App("my-app") // registers a key; its assertions are verified
	if err != nil {
		t.Fatal(err)
	}
	patients, err := pds.New(app)
	fmt.Println(patients != nil, err)
}
