// SPDX-License-Identifier: BSD-2-Clause
//
// Runs the SQL on standard input as CSV without a header: "duckdb" or "chdb", whichever is named and found in node_modules
// below NODE_PATH. Exit status 77: it is not there.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

const require = createRequire(resolve((process.env.NODE_PATH || "node_modules").split(":")[0], "x.js"));
const load = (name) => {
	try {
		return require(name);
	} catch {
		process.exit(77);
	}
};
const sql = readFileSync(0, "utf8");
if (process.argv[2] === "duckdb") {
	const { DuckDBInstance } = load("@duckdb/node-api");
	const connection = await (await DuckDBInstance.create(":memory:")).connect();
	const rows = (await connection.runAndReadAll(sql)).getRowsJson();
	process.stdout.write(rows.map((row) => row.map((cell) => cell ?? "").join(",") + "\n").join(""));
} else {
	process.stdout.write(load("chdb").query(sql, "CSV"));
}
