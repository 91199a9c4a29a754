package hive

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/apache/thrift/lib/go/thrift"
	"github.com/beltran/gohive/hiveserver"
)

// Connector opens sessions at the address host:port of a Thrift server, for sql.OpenDB.
type Connector struct{ Address string }

// Connect opens a session.
func (c Connector) Connect(ctx context.Context) (driver.Conn, error) {
	settings := &thrift.TConfiguration{MaxMessageSize: 1 << 30, MaxFrameSize: 1 << 30}
	transport := thrift.NewTBufferedTransport(thrift.NewTSocketConf(c.Address, settings), 1<<16)
	if err := transport.Open(); err != nil {
		return nil, fmt.Errorf("hive: %w", err)
	}
	protocol := thrift.NewTBinaryProtocolConf(transport, settings)
	client := hiveserver.NewTCLIServiceClient(thrift.NewTStandardClient(protocol, protocol))
	request := hiveserver.NewTOpenSessionReq()
	request.ClientProtocol = hiveserver.TProtocolVersion_HIVE_CLI_SERVICE_PROTOCOL_V6
	user := "parity"
	request.Username = &user
	response, err := client.OpenSession(ctx, request)
	if err = failure(response, err); err != nil {
		return nil, errors.Join(err, transport.Close())
	}
	return &session{transport, client, response.SessionHandle}, nil
}

// Driver is asked for by nobody.
func (c Connector) Driver() driver.Driver { return nil }

// session is one connection.
type session struct {
	transport thrift.TTransport
	client    *hiveserver.TCLIServiceClient
	handle    *hiveserver.TSessionHandle
}

var (
	_ driver.QueryerContext = (*session)(nil)
	_ driver.ExecerContext  = (*session)(nil)
)

// QueryContext runs a statement that has rows.
func (s *session) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	statement, err := bound(query, args)
	if err != nil {
		return nil, err
	}
	request := hiveserver.NewTExecuteStatementReq()
	request.SessionHandle, request.Statement = s.handle, statement
	response, err := s.client.ExecuteStatement(ctx, request)
	if err = failure(response, err); err != nil {
		return nil, err
	}
	result := &rows{ctx: ctx, session: s, operation: response.OperationHandle}
	if err := result.describe(); err != nil {
		return nil, errors.Join(err, result.Close())
	}
	return result, nil
}

// ExecContext runs a statement and drops what it answers.
func (s *session) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	result, err := s.QueryContext(ctx, query, args)
	if err != nil {
		return nil, err
	}
	return driver.ResultNoRows, result.Close()
}

// Close ends the session.
func (s *session) Close() error {
	request := hiveserver.NewTCloseSessionReq()
	request.SessionHandle = s.handle
	response, err := s.client.CloseSession(context.Background(), request)
	return errors.Join(failure(response, err), s.transport.Close())
}

// Prepare is refused: the server keeps no statements, and database/sql asks for one only when the methods above
// are missing.
func (*session) Prepare(string) (driver.Stmt, error) {
	return nil, errors.New("hive: statements are not prepared: use the methods of *sql.DB or *sql.Conn")
}

// Begin is refused: Spark has no transactions.
func (*session) Begin() (driver.Tx, error) { return nil, errors.New("hive: no transactions") }

// answer is what every answer of the server has.
type answer interface{ GetStatus() *hiveserver.TStatus }

func failure(a answer, err error) error {
	if err != nil {
		return fmt.Errorf("hive: %w", err)
	}
	switch status := a.GetStatus(); status.StatusCode {
	case hiveserver.TStatusCode_ERROR_STATUS, hiveserver.TStatusCode_INVALID_HANDLE_STATUS:
		return fmt.Errorf("hive: %s", status.GetErrorMessage())
	}
	return nil
}
