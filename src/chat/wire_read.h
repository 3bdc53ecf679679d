/* SPDX-License-Identifier: MIT */
#ifndef CHAT_WIRE_READ_H
#define CHAT_WIRE_READ_H

#include "chat/wire.h"

/*
 * The parts of wire_json and wire_text that say what was read (histories,
 * lists, receipts), and what these need of the others.  Private to the two.
 */

/* wire_json.c */
void json_record(struct buf *out, const struct record *record,
    const char *conversation, unsigned flags);

/* wire_json_read.c */
void json_reactions(struct buf *out, const struct record *record);
void json_history(struct buf *out, const struct wire_page *page);
void json_search(struct buf *out, const struct wire_page *page);
void json_conversations(struct buf *out, const struct wire_list *list);

/* wire_json_marks.c */
void json_receipt(struct buf *out, const struct wire_receipt *receipt);
void json_receipts(struct buf *out, const char *ref,
    const struct store_read *read);
void json_unread(struct buf *out, const char *conversation, bool on);
void json_settings(struct buf *out, const char *ref, bool read_receipts);
void json_invited(struct buf *out, const char *user,
    const struct store_invitation *invitation);

/* wire_text.c */
void text_record(struct buf *out, const struct record *record,
    const char *conversation, unsigned flags);
/* Text of people as one line: nothing of it may look like another's line. */
void text_put_line(struct buf *out, const char *text, size_t len);

/* wire_text_read.c */
void text_history(struct buf *out, const struct wire_page *page);
void text_search(struct buf *out, const struct wire_page *page);
void text_conversations(struct buf *out, const struct wire_list *list);
void text_receipt(struct buf *out, const struct wire_receipt *receipt);
void text_receipts(struct buf *out, const char *ref,
    const struct store_read *read);
void text_unread(struct buf *out, const char *conversation, bool on);
void text_settings(struct buf *out, const char *ref, bool read_receipts);
void text_invited(struct buf *out, const char *user,
    const struct store_invitation *invitation);

#endif
