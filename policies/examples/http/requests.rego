# METADATA
# title: What a request is for
# description: |
#   read, write, destroy, session or stream, from the tables in data.json. A GraphQL operation counts by its type and an MCP
#   message by its method or tool, since all of them are POSTs. What the tables do not name is for something else.
package requests

import rego.v1

purpose := object.get(data.operations, input.statement.graphql.type, "other") if {
	input.statement.unit == "operation"
} else := "read" if {
	is_tool
	tool_is_read_only
} else := "write" if {
	is_tool
} else := object.get(data.mcp_methods, input.statement.rpc.method, "other") if {
	input.statement.unit == "call"
	input.statement.rpc.protocol == "mcp"
} else := object.get(data.methods, input.statement.command, "other") if {
	input.statement.unit != "call"
} else := "other"

is_tool if input.statement.rpc.method == "tools/call"

default tool_is_read_only := false

# A tool counts on the target that the table names it for: another server may call something else by that name.
tool_is_read_only if input.statement.rpc.tool in data.read_only_tools[input.target.name]
