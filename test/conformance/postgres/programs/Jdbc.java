// pgjdbc in each of its query modes: statements, values, batches, generated keys, portals, COPY, metadata, cancel.

import java.io.ByteArrayOutputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.util.DriverInfo;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

class Jdbc {
  static final List<String> MODES =
      List.of("simple", "extended", "extendedForPrepared", "extendedCacheEverything");
  static final String PREFERRED = PGProperty.PREFER_QUERY_MODE.getName();
  static String mode;

  interface Work {
    Object run() throws Exception;
  }

  static String json(Object value) {
    if (value == null) return "null";
    if (value instanceof Number || value instanceof Boolean) return value.toString();
    if (value instanceof Object[] array) return json(Arrays.asList(array));
    if (value instanceof List<?> list) {
      return "[" + String.join(",", list.stream().map(Jdbc::json).toList()) + "]";
    }
    StringBuilder text = new StringBuilder("\"");
    for (char c : value.toString().toCharArray()) {
      if (c == '"' || c == '\\') text.append('\\').append(c);
      else if (c < 0x20) text.append(String.format("\\u%04x", (int) c));
      else text.append(c);
    }
    return text.append('"').toString();
  }

  static void say(String line) throws Exception {
    System.out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    System.out.flush();
  }

  static void tell(String name, Work work) throws Exception {
    Object answer;
    try {
      answer = work.run();
    } catch (SQLException error) {
      answer = told(error);
    }
    say("{\"mode\":" + json(mode) + ",\"case\":" + json(name) + ",\"answer\":" + json(answer) + "}");
  }

  static Object told(SQLException error) {
    List<Object> said = new ArrayList<>();
    for (SQLException each = error; each != null; each = each.getNextException()) {
      said.add(each.getSQLState());
      ServerErrorMessage server =
          each instanceof PSQLException own ? own.getServerErrorMessage() : null;
      said.add(server == null ? each.getMessage() : fields(server));
    }
    return said;
  }

  static Object fields(ServerErrorMessage said) {
    return Arrays.asList(
        said.getSeverity(), said.getSQLState(), said.getMessage(), said.getDetail(), said.getHint(),
        said.getPosition(), said.getWhere(), said.getTable(), said.getConstraint());
  }

  static Connection connect(String... more) throws SQLException {
    Map<String, String> env = System.getenv();
    Properties properties = new Properties();
    properties.setProperty("user", env.get("PGUSER"));
    properties.setProperty("password", env.get("PGPASSWORD"));
    properties.setProperty("sslmode", "verify-full");
    properties.setProperty("sslrootcert", env.get("PGSSLROOTCERT"));
    properties.setProperty(PREFERRED, mode);
    for (int i = 0; i < more.length; i += 2) properties.setProperty(more[i], more[i + 1]);
    String place = env.get("PGHOST") + ":" + env.get("PGPORT") + "/" + env.get("PGDATABASE");
    return DriverManager.getConnection("jdbc:postgresql://" + place, properties);
  }

  static Object rows(ResultSet results) throws SQLException {
    ResultSetMetaData shape = results.getMetaData();
    List<Object> all = new ArrayList<>();
    for (int i = 1; i <= shape.getColumnCount(); i++) {
      all.add(Arrays.asList(shape.getColumnLabel(i), shape.getColumnTypeName(i),
          shape.getPrecision(i), shape.isNullable(i), shape.getTableName(i)));
    }
    while (results.next()) {
      List<Object> row = new ArrayList<>();
      for (int i = 1; i <= shape.getColumnCount(); i++) row.add(results.getString(i));
      all.add(row);
    }
    return all;
  }

  static Object ask(Statement statement, boolean isResult) throws SQLException {
    List<Object> all = new ArrayList<>();
    for (boolean more = isResult; ; more = statement.getMoreResults()) {
      if (more) all.add(rows(statement.getResultSet()));
      else if (statement.getUpdateCount() == -1) break;
      else all.add(statement.getUpdateCount());
    }
    for (SQLWarning said = statement.getWarnings(); said != null; said = said.getNextWarning()) {
      all.add(List.of(String.valueOf(said.getSQLState()), said.getMessage()));
    }
    return all;
  }

  static Object ask(Connection connection, String text) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return ask(statement, statement.execute(text));
    }
  }

  static void corpus(String[] statements) throws Exception {
    try (Connection plain = connect()) {
      for (String text : statements) tell(text, () -> ask(plain, text));
    }
    String name = mode;
    mode = name + ", prepared";
    try (Connection prepared = connect(PREFERRED, name, "prepareThreshold", "1")) {
      for (String text : statements) {
        tell(text, () -> {
          try (PreparedStatement statement = prepared.prepareStatement(text)) {
            return ask(statement, statement.execute());
          }
        });
      }
    }
    mode = name;
  }

  static void values() throws Exception {
    try (Connection connection = connect("prepareThreshold", "3")) {
      String text = "SELECT ?::int, ?::text, ?::text, ?::bool, ?::int[], ?::bytea, ?::float8, ?::numeric, ?::timestamptz";
      tell("values of many types", () -> {
        try (PreparedStatement statement = connection.prepareStatement(text)) {
          statement.setInt(1, 7);
          statement.setString(2, "zwölf ✓ 'quoted' \\");
          statement.setNull(3, Types.VARCHAR);
          statement.setBoolean(4, true);
          statement.setArray(5, connection.createArrayOf("int4", new Object[] {1, null}));
          statement.setBytes(6, new byte[] {0, (byte) 255});
          statement.setDouble(7, 1.25);
          statement.setBigDecimal(8, new java.math.BigDecimal("12345678901234567890.5"));
          statement.setTimestamp(9, new java.sql.Timestamp(86400000L));
          return ask(statement, statement.execute());
        }
      });
      try (PreparedStatement statement = connection.prepareStatement("SELECT 100 / (?::int4 - 8)")) {
        for (int n = 0; n < 12; n++) {
          statement.setInt(1, n);
          tell("the same statement, prepared on the way, " + n, () -> ask(statement, statement.execute()));
        }
      }
      batches(connection);
    }
  }

  static void batches(Connection connection) throws Exception {
    tell("a table", () -> ask(connection, "CREATE TEMP TABLE many (a serial PRIMARY KEY, b text)"));
    tell("a batch with generated keys", () -> {
      try (PreparedStatement statement = connection.prepareStatement(
          "INSERT INTO many (b) VALUES (?)", Statement.RETURN_GENERATED_KEYS)) {
        for (int n = 0; n < 300; n++) {
          statement.setString(1, "row " + n);
          statement.addBatch();
        }
        int[] counts = statement.executeBatch();
        return List.of(counts.length, rows(statement.getGeneratedKeys()));
      }
    });
    tell("a batch that fails", () -> {
      try (PreparedStatement statement = connection.prepareStatement("INSERT INTO many VALUES (?, 'x')")) {
        for (int n : new int[] {9001, 1, 9002}) {
          statement.setInt(1, n);
          statement.addBatch();
        }
        return statement.executeBatch().length;
      }
    });
    tell("and its rows", () -> ask(connection, "SELECT count(*), max(a) FROM many"));
    tell("several statements in one batch", () -> {
      try (Statement statement = connection.createStatement()) {
        statement.addBatch("UPDATE many SET b = 'new' WHERE a < 10");
        statement.addBatch("DELETE FROM many WHERE a = 10");
        return Arrays.toString(statement.executeBatch());
      }
    });
  }

  static void portals() throws Exception {
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      for (int size : new int[] {1, 7, 1000}) {
        tell("rows fetched by " + size, () -> {
          try (PreparedStatement statement = connection.prepareStatement(
              "SELECT i, repeat('x', i) FROM generate_series(1, 60) i")) {
            statement.setFetchSize(size);
            return rows(statement.executeQuery());
          }
        });
      }
      tell("a savepoint", () -> {
        Savepoint savepoint = connection.setSavepoint("here");
        Object failed;
        try {
          failed = ask(connection, "SELECT 1/0");
        } catch (SQLException error) {
          failed = told(error);
        }
        connection.rollback(savepoint);
        return Arrays.asList(failed, ask(connection, "SELECT 1"));
      });
      tell("an updatable result", () -> {
        ask(connection, "CREATE TEMP TABLE edited (a int PRIMARY KEY, b text)");
        ask(connection, "INSERT INTO edited VALUES (1, 'one'), (2, 'two')");
        try (Statement statement = connection.createStatement(
            ResultSet.TYPE_SCROLL_SENSITIVE, ResultSet.CONCUR_UPDATABLE)) {
          ResultSet results = statement.executeQuery("SELECT a, b FROM edited ORDER BY a");
          results.last();
          results.updateString("b", "zwei");
          results.updateRow();
        }
        return ask(connection, "TABLE edited");
      });
      connection.rollback();
    }
    try (Connection connection = connect("autosave", "always")) {
      connection.setAutoCommit(false);
      tell("an error under autosave", () -> ask(connection, "SELECT 1/0"));
      tell("leaves the transaction", () -> ask(connection, "SELECT 1"));
      connection.rollback();
      connection.setReadOnly(true);
      tell("a read-only connection", () -> ask(connection, "CREATE TABLE never (a int)"));
    }
  }

  static void copies() throws Exception {
    try (Connection connection = connect()) {
      var copy = connection.unwrap(PGConnection.class).getCopyAPI();
      tell("COPY: a table", () -> ask(connection, "CREATE TEMP TABLE copied (a int, b text)"));
      StringBuilder text = new StringBuilder();
      for (int n = 0; n < 2000; n++) text.append(n).append("\trow ").append(n).append(" ✓\n");
      tell("COPY in", () -> copy.copyIn("COPY copied FROM STDIN", new StringReader(text.toString())));
      tell("COPY in, with a line that is no row",
          () -> copy.copyIn("COPY copied FROM STDIN", new StringReader("1\tx\nbad\ty\n")));
      tell("COPY out", () -> {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        long count = copy.copyOut("COPY (TABLE copied ORDER BY a) TO STDOUT (FORMAT csv)", out);
        return List.of(count, out.toString(StandardCharsets.UTF_8));
      });
      tell("COPY out, given up", () -> {
        var out = copy.copyOut("COPY (SELECT generate_series(1, 100000000)) TO STDOUT");
        out.readFromCopy();
        out.cancelCopy();
        return ask(connection, "SELECT 1");
      });
    }
  }

  static void metadata() throws Exception {
    try (Connection connection = connect()) {
      var about = connection.getMetaData();
      tell("metadata: tables", () -> rows(about.getTables(null, "public", "%", null)));
      tell("metadata: columns", () -> rows(about.getColumns(null, "public", "things", "%")));
      tell("metadata: keys", () -> List.of(rows(about.getPrimaryKeys(null, "public", "parts")),
          rows(about.getImportedKeys(null, "public", "parts"))));
      tell("metadata: indexes", () -> rows(about.getIndexInfo(null, "public", "things", false, true)));
      tell("metadata: functions", () -> rows(about.getFunctions(null, "public", "%")));
      tell("metadata: types", () -> rows(about.getTypeInfo()));
      tell("a function's result", () -> {
        try (var call = connection.prepareCall("{ ? = call upper(?) }")) {
          call.registerOutParameter(1, Types.VARCHAR);
          call.setString(2, "ünï");
          call.execute();
          return call.getString(1);
        }
      });
    }
  }

  static void asynchronous() throws Exception {
    try (Connection listener = connect(); Connection sender = connect()) {
      ask(listener, "LISTEN news");
      ask(sender, "NOTIFY news, 'payload ✓'");
      tell("a notification", () -> {
        var heard = listener.unwrap(PGConnection.class).getNotifications(10_000)[0];
        return List.of(heard.getName(), heard.getParameter());
      });
      try (Statement statement = listener.createStatement()) {
        statement.setQueryTimeout(1);
        tell("a statement out of time", () -> ask(statement, statement.execute("SELECT pg_sleep(77)")));
      }
      tell("the connection goes on", () -> ask(listener, "SELECT 1"));
      tell("a large object", () -> {
        listener.setAutoCommit(false);
        var objects = listener.unwrap(PGConnection.class).getLargeObjectAPI();
        long oid = objects.createLO();
        var object = objects.open(oid);
        object.write(new byte[5000]);
        object.seek(0);
        int size = object.read(9000).length;
        object.close();
        objects.delete(oid);
        listener.rollback();
        return size;
      });
    }
  }

  public static void main(String[] args) throws Exception {
    String input = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    String[] statements = input.split("\0", -1);
    say("{\"version\":" + json(DriverInfo.DRIVER_VERSION) + "}");
    for (String each : MODES) {
      mode = each;
      corpus(statements);
      values();
      portals();
      copies();
      metadata();
      asynchronous();
    }
  }
}
