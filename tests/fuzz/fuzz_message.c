/* SPDX-License-Identifier: BSD-2-Clause */

/* Any octets as the response to a question: first octet QNAME's length class, the rest the message.
 */
#include <stdlib.h>

#include "scanner/dns/answer_text.h"
#include "scanner/dns/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t qname[] = "\3www\7example\3org";
	struct question question = {.qname = qname, .qname_len = sizeof(qname), .qtype = 1};
	struct answer answer;
	char text[1024];

	if (message_read(data, size, &question, &answer) == MESSAGE_FITS) {
		if (answer_ede_text(&answer, text, sizeof(text)) > sizeof(text) ||
		    answer_nsid_text(&answer, text, 64) > 64 ||
		    answer_rrsig_text(&answer, text, sizeof(text)) > sizeof(text))
			abort();
	}
	if (size > 0 && message_qname_text((char[4 * MESSAGE_QNAME_MAX + 1]){0}, data, size) == 0)
		abort();
	return 0;
}
