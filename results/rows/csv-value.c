/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Single values of CSV fields: times, numbers, lists of INFO-CODEs.
 */
#include "results/rows/csv.h"

#include <string.h>

/* Days since 1970-01-01 to year, month, day (proleptic Gregorian calendar). */
static void civil(int64_t days, int *year, unsigned *month, unsigned *day)
{
	int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
	unsigned doe = (unsigned)(z - era * 146097);
	unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;

	*day = doy - (153 * mp + 2) / 5 + 1;
	*month = mp < 10 ? mp + 3 : mp - 9;
	*year = (int)(yoe + era * 400) + (*month <= 2);
}

static int64_t days_of(int year, unsigned month, unsigned day)
{
	int64_t y = year - (month <= 2), era = (y >= 0 ? y : y - 399) / 400;
	unsigned yoe = (unsigned)(y - era * 400);
	unsigned doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097 + (int64_t)(yoe * 365 + yoe / 4 - yoe / 100 + doy) - 719468;
}

#define TIME_MIN_MS (-62167219200000LL) /* 0000-01-01T00:00:00.000Z */
#define TIME_MAX_MS (253402300799999LL) /* 9999-12-31T23:59:59.999Z */

static void digits(char *out, unsigned value, unsigned count)
{
	while (count-- > 0) {
		out[count] = (char)('0' + value % 10);
		value /= 10;
	}
}

void csv_time(char out[25], int64_t time_ms)
{
	int64_t ms = time_ms < TIME_MIN_MS   ? TIME_MIN_MS
		     : time_ms > TIME_MAX_MS ? TIME_MAX_MS
					     : time_ms;
	int64_t days = (ms >= 0 ? ms : ms - 86399999) / 86400000;
	unsigned rest = (unsigned)(ms - days * 86400000), month, day;
	int year;

	civil(days, &year, &month, &day);
	memcpy(out, "0000-00-00T00:00:00.000Z", 25);
	digits(out, (unsigned)year, 4);
	digits(out + 5, month, 2);
	digits(out + 8, day, 2);
	digits(out + 11, rest / 3600000, 2);
	digits(out + 14, rest / 60000 % 60, 2);
	digits(out + 17, rest / 1000 % 60, 2);
	digits(out + 20, rest % 1000, 3);
}

char *csv_number(char *out, uint64_t value)
{
	char text[20], *p = text + sizeof(text);

	for (; value >= 10; value /= 10)
		*--p = (char)('0' + value % 10);
	*--p = (char)('0' + value);
	memcpy(out, p, (size_t)(text + sizeof(text) - p));
	return out + (text + sizeof(text) - p);
}

bool csv_read_number(struct view text, int64_t min, int64_t max, int64_t *value)
{
	size_t minus = text.len && text.text[0] == '-';
	int64_t sum = 0;

	if (text.len == 0)
		return true;
	if (text.len > 18 || text.len == minus)
		return false;
	for (size_t i = minus; i < text.len; i++) {
		if (text.text[i] < '0' || text.text[i] > '9')
			return false;
		sum = sum * 10 + (text.text[i] - '0');
	}
	sum = minus ? -sum : sum;
	if (sum < min || sum > max)
		return false;
	*value = sum;
	return true;
}

static bool fixed_digits(const char *text, unsigned count, unsigned max, unsigned *value)
{
	unsigned sum = 0;

	for (; count > 0; count--, text++) {
		if (*text < '0' || *text > '9')
			return false;
		sum = sum * 10 + (unsigned)(*text - '0');
	}
	*value = sum;
	return sum <= max;
}

/* RFC 3339, UTC only: YYYY-MM-DDThh:mm:ss[.fraction]Z. A leap second counts as the second after. */
bool csv_read_time(struct view text, int64_t *time_ms)
{
	unsigned year, month, day, hour, minute, second, ms = 0, weight = 100;
	const char *t = text.text;
	size_t i = 19;

	if (text.len == 0)
		return true;
	if (text.len < 20 || t[4] != '-' || t[7] != '-' || (t[10] != 'T' && t[10] != ' ') ||
	    t[13] != ':' || t[16] != ':' || !fixed_digits(t, 4, 9999, &year) ||
	    !fixed_digits(t + 5, 2, 12, &month) || !fixed_digits(t + 8, 2, 31, &day) ||
	    !fixed_digits(t + 11, 2, 23, &hour) || !fixed_digits(t + 14, 2, 59, &minute) ||
	    !fixed_digits(t + 17, 2, 60, &second) || month == 0 || day == 0)
		return false;
	if (t[i] == '.')
		for (i++; i < text.len && t[i] >= '0' && t[i] <= '9'; i++, weight /= 10)
			ms += (unsigned)(t[i] - '0') * weight;
	if (i + 1 != text.len || t[i] != 'Z')
		return false;
	*time_ms = days_of((int)year, month, day) * 86400000 +
		   (int64_t)((hour * 60 + minute) * 60 + second) * 1000 + ms;
	return true;
}

bool csv_read_ede(struct view text, uint16_t ede[ROW_EDE_MAX], unsigned *count)
{
	const char *p = text.text, *end = text.len ? p + text.len : p;

	*count = 0;
	while (p < end) {
		const char *plus = memchr(p, '+', (size_t)(end - p));
		const char *stop = plus ? plus : end;
		int64_t code = -1;

		if (!csv_read_number((struct view){p, (size_t)(stop - p)}, 0, UINT16_MAX, &code) ||
		    code < 0 || stop + 1 == end)
			return false;
		if (*count < ROW_EDE_MAX)
			ede[(*count)++] = (uint16_t)code;
		p = stop + 1;
	}
	return true;
}
