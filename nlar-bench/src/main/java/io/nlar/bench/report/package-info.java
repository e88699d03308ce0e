/** What races came to: figures ({@link io.nlar.bench.report.RaceReport}), a table, a JSON file and a chart. */
package io.nlar.bench.report;
