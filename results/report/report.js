"use strict";
// The page is whole without this: it adds sorting, searching, and what is folded to prints.
(() => {
	const number = (cell) => {
		const value = cell.dataset.v ?? cell.textContent.replace(/,/g, "");
		return value === "" ? NaN : Number(value);
	};

	const sortBy = (table, header, column) => {
		const body = table.tBodies[0];
		const numeric = header.classList.contains("n");
		const before = header.getAttribute("aria-sort");
		const up = before ? before === "descending" : !numeric;
		const rows = [...body.rows].map((row, index) => ({ row, index, cell: row.cells[column] }));
		const compare = (a, b) => {
			if (!numeric)
				return a.cell.textContent.localeCompare(b.cell.textContent, "en");
			const x = number(a.cell), y = number(b.cell);
			if (Number.isNaN(x) || Number.isNaN(y)) // what is not known comes last, whichever way
				return (Number.isNaN(x) - Number.isNaN(y)) * (up ? 1 : -1);
			return x - y;
		};
		rows.sort((a, b) => (up ? compare(a, b) : compare(b, a)) || a.index - b.index);
		for (const other of header.parentNode.cells)
			other.removeAttribute("aria-sort");
		header.setAttribute("aria-sort", up ? "ascending" : "descending");
		body.append(...rows.map((item) => item.row));
	};

	for (const table of document.querySelectorAll("table.sortable")) {
		[...table.tHead.rows[0].cells].forEach((header, column) => {
			const button = document.createElement("button");
			button.type = "button";
			button.append(...header.childNodes);
			button.addEventListener("click", () => sortBy(table, header, column));
			header.append(button);
		});
	}

	const tools = document.querySelector("#faults .tools");
	if (tools) {
		const [text, kind, count] = ["input", "select", "output"].map((name) => tools.querySelector(name));
		const rows = [...document.querySelectorAll("table.faults tbody tr")];
		const words = rows.map((row) => row.textContent.toLowerCase());
		const show = () => {
			const wanted = text.value.toLowerCase().split(/\s+/).filter(Boolean);
			let shown = 0;
			rows.forEach((row, i) => {
				const fits = (!kind.value || row.dataset.kind === kind.value || (kind.value === "new" && row.dataset.new)) &&
					wanted.every((word) => words[i].includes(word));
				row.hidden = !fits;
				shown += fits;
			});
			count.textContent = `${shown} of ${rows.length}`;
		};
		tools.hidden = false;
		text.addEventListener("input", show);
		kind.addEventListener("change", show);
		show();
	}

	let opened = [];
	addEventListener("beforeprint", () => {
		opened = [...document.querySelectorAll("details:not([open])")];
		opened.forEach((details) => { details.open = true; });
	});
	addEventListener("afterprint", () => {
		opened.forEach((details) => { details.open = false; });
	});
})();
