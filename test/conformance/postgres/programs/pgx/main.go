// pgx in each of its ways to execute: statements, values, batches, COPY, cursors of a kind, notifications, cancel.
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

var modes = []struct {
	name string
	mode pgx.QueryExecMode
}{
	{"cache statement", pgx.QueryExecModeCacheStatement},
	{"cache describe", pgx.QueryExecModeCacheDescribe},
	{"describe exec", pgx.QueryExecModeDescribeExec},
	{"exec", pgx.QueryExecModeExec},
	{"simple protocol", pgx.QueryExecModeSimpleProtocol},
}

func say(line map[string]any) {
	text, err := json.Marshal(line)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(text))
}

func tell(mode, name string, answer any) {
	say(map[string]any{"mode": mode, "case": name, "answer": answer})
}

func told(err error) any {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return []any{pg.Severity, pg.Code, pg.Message, pg.Detail, pg.Hint, pg.Position, pg.InternalPosition,
			pg.InternalQuery, pg.Where, pg.SchemaName, pg.TableName, pg.ColumnName, pg.ConstraintName}
	}
	return err.Error()
}

func connect(mode pgx.QueryExecMode, notice func(*pgconn.Notice)) *pgx.Conn {
	config, err := pgx.ParseConfig("")
	if err != nil {
		panic(err)
	}
	config.DefaultQueryExecMode = mode
	if notice != nil {
		config.OnNotice = func(_ *pgconn.PgConn, said *pgconn.Notice) { notice(said) }
	}
	conn, err := pgx.ConnectConfig(context.Background(), config)
	if err != nil {
		panic(err)
	}
	return conn
}

func ask(conn *pgx.Conn, text string, values ...any) any {
	rows, err := conn.Query(context.Background(), text, values...)
	if err != nil {
		return told(err)
	}
	defer rows.Close()
	var fields, every []any
	for _, field := range rows.FieldDescriptions() {
		fields = append(fields, []any{field.Name, field.TableAttributeNumber, field.DataTypeSize, field.TypeModifier, field.Format})
	}
	for rows.Next() {
		row, err := rows.Values()
		if err != nil {
			every = append(every, err.Error())
			continue
		}
		var values []any
		for _, value := range row {
			values = append(values, fmt.Sprintf("%T %v", value, value))
		}
		every = append(every, values)
	}
	rows.Close()
	if rows.Err() != nil {
		return []any{told(rows.Err()), fields, every}
	}
	return []any{rows.CommandTag().String(), fields, every}
}

func corpus(mode string, exec pgx.QueryExecMode, statements []string) {
	var notices []any
	conn := connect(exec, func(notice *pgconn.Notice) {
		notices = append(notices, []any{notice.Severity, notice.Code, notice.Message, notice.Detail, notice.Hint})
	})
	defer conn.Close(context.Background())
	for _, text := range statements {
		notices = nil
		answer := ask(conn, text)
		tell(mode, text, []any{answer, notices, string(conn.PgConn().TxStatus())})
	}
	tell(mode, "values of many types", ask(conn, "SELECT $1::int, $2::text, $3::text, $4::bool, $5::int[], $6::bytea, $7::float8",
		7, "zwölf ✓ 'quoted' \\", nil, true, []int32{1, 2}, []byte{0, 255}, 1.25))
	for n := range 10 {
		tell(mode, fmt.Sprintf("the same statement again, %d", n), ask(conn, "SELECT 100 / ($1::int - 8)", n))
	}
	batch := &pgx.Batch{}
	for n := range 100 {
		batch.Queue("SELECT $1::int * 2", n)
	}
	tell(mode, "a batch", sent(conn, batch))
	failing := &pgx.Batch{}
	failing.Queue("CREATE TABLE pgx_batch (a int PRIMARY KEY)")
	failing.Queue("SELECT 1/0")
	failing.Queue("SELECT 2")
	tell(mode, "a batch that fails", sent(conn, failing))
	tell(mode, "and undoes what it did", ask(conn, "SELECT to_regclass('pgx_batch')"))
}

func sent(conn *pgx.Conn, batch *pgx.Batch) []any {
	results := conn.SendBatch(context.Background(), batch)
	var every []any
	for range batch.Len() {
		rows, err := results.Query()
		if err != nil {
			every = append(every, told(err))
			continue
		}
		for rows.Next() {
			row, _ := rows.Values()
			every = append(every, fmt.Sprint(row))
		}
		if rows.Err() != nil {
			every = append(every, told(rows.Err()))
		}
	}
	if err := results.Close(); err != nil {
		every = append(every, told(err))
	}
	return every
}

func copies() {
	background := context.Background()
	conn := connect(pgx.QueryExecModeCacheStatement, nil)
	defer conn.Close(background)
	tell("copy", "a table", ask(conn, "CREATE TEMP TABLE copied (a int, b text)"))
	rows := make([][]any, 5000)
	for n := range rows {
		rows[n] = []any{int32(n), fmt.Sprintf("row %d ✓", n)}
	}
	count, err := conn.CopyFrom(background, pgx.Identifier{"copied"}, []string{"a", "b"}, pgx.CopyFromRows(rows))
	tell("copy", "in, binary", []any{count, err})
	_, err = conn.PgConn().CopyFrom(background, strings.NewReader("1\tx\nbad\ty\n"), "COPY copied FROM STDIN")
	tell("copy", "in, with a line that is no row", told(err))
	for _, form := range []string{"text", "csv", "binary"} {
		var out bytes.Buffer
		tag, err := conn.PgConn().CopyTo(background, &out, "COPY (TABLE copied ORDER BY a) TO STDOUT (FORMAT "+form+")")
		tell("copy", "out, "+form, []any{tag.String(), err, fmt.Sprintf("%x", sha256.Sum256(out.Bytes()))})
	}
	tell("copy", "the connection goes on", ask(conn, "SELECT count(*) FROM copied"))
}

func pipelines() {
	background := context.Background()
	conn := connect(pgx.QueryExecModeCacheStatement, nil)
	defer conn.Close(background)
	pipeline := conn.PgConn().StartPipeline(background)
	pipeline.SendPrepare("named", "SELECT $1::int + 1", nil)
	for n := range 20 {
		pipeline.SendQueryPrepared("named", [][]byte{[]byte(fmt.Sprint(n))}, nil, nil)
	}
	pipeline.SendPipelineSync()
	pipeline.SendQueryParams("SELECT 1/0", nil, nil, nil, nil)
	pipeline.SendQueryParams("SELECT 'skipped'", nil, nil, nil, nil)
	pipeline.SendPipelineSync()
	pipeline.SendQueryParams("SELECT 'goes on'", nil, nil, nil, nil)
	pipeline.SendDeallocate("named")
	if err := pipeline.Sync(); err != nil {
		panic(err)
	}
	for n := 0; ; n++ {
		results, err := pipeline.GetResults()
		if err == nil && results == nil {
			break
		}
		tell("pipeline", fmt.Sprintf("answer %d", n), resultOf(results, err))
	}
	tell("pipeline", "its end", fmt.Sprint(pipeline.Close()))
}

func resultOf(results any, err error) any {
	if err != nil {
		return told(err)
	}
	if reader, ok := results.(*pgconn.ResultReader); ok {
		read := reader.Read()
		if read.Err != nil {
			return told(read.Err)
		}
		return fmt.Sprintf("%q %s", read.Rows, read.CommandTag)
	}
	return fmt.Sprintf("%T", results)
}

func asynchronous() {
	background := context.Background()
	listener, sender := connect(pgx.QueryExecModeExec, nil), connect(pgx.QueryExecModeExec, nil)
	ask(listener, "LISTEN news")
	ask(sender, "SELECT pg_notify('news', $1)", "payload ✓")
	heard, err := listener.WaitForNotification(background)
	if err != nil {
		panic(err)
	}
	tell("asynchronous", "a notification", []any{heard.Channel, heard.Payload})
	limited, cancel := context.WithTimeout(background, 500*time.Millisecond)
	defer cancel()
	_, err = listener.Exec(limited, "SELECT pg_sleep(77)")
	tell("asynchronous", "a statement out of time", strings.Contains(err.Error(), "timeout"))
	running := make(chan error)
	go func() {
		_, err := sender.Exec(background, "SELECT pg_sleep(78)")
		running <- err
	}()
	watcher := connect(pgx.QueryExecModeExec, nil)
	found := "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query = 'SELECT pg_sleep(78)'"
	for seen := 0; seen == 0; time.Sleep(20 * time.Millisecond) {
		if err := watcher.QueryRow(background, found).Scan(&seen); err != nil {
			panic(err)
		}
	}
	if err := sender.PgConn().CancelRequest(background); err != nil {
		panic(err)
	}
	tell("asynchronous", "a cancelled statement", told(<-running))
	tell("asynchronous", "the connection goes on", ask(sender, "SELECT 1"))
}

func main() {
	input, err := io.ReadAll(os.Stdin)
	if err != nil {
		panic(err)
	}
	statements := strings.Split(string(input), "\x00")
	built, _ := debug.ReadBuildInfo()
	for _, module := range built.Deps {
		if module.Path == "github.com/jackc/pgx/v5" {
			say(map[string]any{"version": strings.TrimPrefix(module.Version, "v")})
		}
	}
	for _, each := range modes {
		corpus(each.name, each.mode, statements)
	}
	copies()
	pipelines()
	asynchronous()
}
