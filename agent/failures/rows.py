"""The rows of the table of failures; see `agent.failures.table`."""

from agent.failures.table import Failure

CALLS = "agent/failures/test_calls.py::"
ANSWERS = "agent/failures/test_answers.py::"
SERVER = "agent/failures/test_server.py::"
LIVE = "live/test_failures.py::"

_STRANDED = (CALLS + "test_a_stranded_call_runs_and_goes_back_as_a_call", CALLS + "test_a_quoted_call_is_never_run")
_RECOVERED = CALLS + "test_what_the_parser_recovers_runs"
_DAMAGED = CALLS + "test_a_damaged_call_is_not_run_and_goes_back_valid"
_LIVE_CALLS = LIVE + "test_calls"
_LIVE_ANSWERS = LIVE + "test_answers"
_NOT_ENDED = SERVER + "test_an_answer_that_does_not_end_is_asked_for_again"
_LADDER = ANSWERS + "test_escalation_same_mode_other_mode_required_call_person"

IN_CALLS = (
    Failure(
        "a tool call inside the thinking (#39056)",
        "call_in_reasoning",
        "vLLM 0.32 takes it out by itself; before, it ends the reasoning of an answer that is otherwise empty",
        "run, if every call is complete, of a known tool, valid by its schema, and not quoted",
        (_RECOVERED, *_STRANDED, _LIVE_CALLS),
    ),
    Failure(
        "a tool call as XML in the text",
        "call_in_text",
        "complete calls at the end of the text, after a person who is about to act",
        "run, under the same conditions; it goes back as a proper call",
        (*_STRANDED, "agent/failures/test_faults.py::test_stranded_call_is_rescued"),
    ),
    Failure(
        "a call without <tool_call> around it",
        "call_without_wrapper",
        "vLLM 0.32 takes it out by itself; else as above",
        "run, under the same conditions",
        (_RECOVERED, *_STRANDED, _LIVE_CALLS),
    ),
    Failure(
        "a call as JSON in the text, in call tags, in a fence, or bare",
        "call_as_json",
        "as above; a fence or bare JSON needs a person who acts in the sentence before it",
        "run, under the same conditions",
        (*_STRANDED, "live/test_vllm_protocol.py::test_calls_in_json_outside_the_call_tags_are_rescued"),
    ),
    Failure(
        "a call as JSON inside <tool_call>: it vanishes, the answer ends with stop",
        "call_dropped",
        "the server bills more tokens than arrived",
        "the model is told that its call did not arrive and which form does",
        (CALLS + "test_a_call_that_vanished_is_asked_for_with_the_reason", _LIVE_ANSWERS),
    ),
    Failure(
        "tool XML or JSON that is only quoted, or stands in prose",
        "call_quoted",
        "a call in the text that fails one of the conditions of a rescue",
        "never run; the model is asked whether it was meant, and a second time it is the answer",
        (
            CALLS + "test_a_quoted_call_is_never_run",
            "agent/failures/test_faults.py::test_quoted_call_is_not_run_but_asked_about",
        ),
    ),
    Failure(
        "a parameter or function that is never closed (#55495)",
        "call_damaged",
        "the arguments are no JSON object",
        "not run; the result says what arrived; the history gets {}; then without thought, then with it",
        (_DAMAGED, _LIVE_CALLS),
    ),
    Failure(
        "a literal </function> in a value",
        "call_damaged",
        "the arguments end in mid-value",
        "as above; the model is told to write the mark with a backslash, which is taken out again",
        (_DAMAGED, _LIVE_CALLS, CALLS + "test_a_mark_in_a_value_written_with_a_backslash_lands_exactly"),
    ),
    Failure(
        "the same parameter twice",
        "call_damaged",
        "the stream ends inside the first of them",
        "as above",
        (_DAMAGED, _LIVE_CALLS),
    ),
    Failure(
        "arguments that are no object, or nested beyond reason",
        "call_damaged",
        "the arguments are no JSON object",
        "as above",
        (CALLS + "test_arguments_that_are_no_object",),
    ),
    Failure(
        "a literal </parameter> in a value: the rest of it is lost, the JSON is valid",
        "value_cut",
        "the server bills more tokens than the call has as it arrived (more than five, where a value holds a tag); "
        "what is shorter shows in the lines that a written file is said to have",
        "what writes or executes is not run; sent again, it runs, and its result says to look at what landed",
        (
            CALLS + "test_a_value_that_was_cut_in_silence_is_noticed_by_the_bill_and_not_written",
            CALLS + "test_a_cut_value_that_is_sent_again_runs_and_the_model_is_told_to_look",
            CALLS + "test_a_whole_value_with_markup_runs_at_once",
            CALLS + "test_a_file_that_was_written_says_how_much_landed",
            _LIVE_CALLS,
        ),
    ),
    Failure(
        "values of the wrong type, missing or unknown arguments",
        "arguments_invalid",
        "the tool's schema",
        "not run; one sentence says what was sent and what is allowed",
        (CALLS + "test_a_value_of_the_wrong_type", _LIVE_CALLS),
    ),
    Failure(
        "a tool that does not exist",
        "tool_unknown",
        "the name",
        "not run; up to three near names and the list of all",
        (CALLS + "test_an_unknown_tool_is_answered_with_the_nearest_names", _LIVE_CALLS),
    ),
    Failure(
        "a call cut by the token limit",
        "cut_in_call",
        "finish_reason length, and arguments that are no JSON object",
        "not run; the model is told to make it smaller",
        (CALLS + "test_a_call_cut_by_the_token_limit", "live/test_failures.py::test_cut_by_the_token_limit"),
    ),
    Failure(
        "the same call again and again with the same result",
        "call_repeated",
        "a hash of call and result, among the last twelve",
        "from the third on the result says so, the next step thinks; after nine the turn ends",
        (CALLS + "test_the_same_call_again_and_again",),
    ),
    Failure(
        "pieces of calls without ids or indexes, or with taken ones (qwen-code #2064)",
        "pieces_mended",
        "the pieces themselves",
        "put together by id, index, name and whole arguments; ids of our own",
        (CALLS + "test_pieces_without_ids_or_indexes_of_their_own",),
    ),
)

IN_ANSWERS = (
    Failure(
        "end of turn inside the thinking, or before the first word (#55420)",
        "empty_answer",
        "neither text nor call",
        "kept out of the history; asked again: same mode, other mode, required call",
        (ANSWERS + "test_an_empty_answer_is_asked_for_again_unchanged", _LADDER, _LIVE_ANSWERS),
    ),
    Failure(
        '"I will now call …" without a call (Qwen3 #1817)',
        "call_announced",
        "the last sentence: a first person with a verb of the trade (English)",
        "told so and asked without thought; then a required call; then the text is the answer",
        (
            ANSWERS + "test_an_announced_call_is_asked_for_then_required_then_taken_as_the_answer",
            _LIVE_ANSWERS,
        ),
    ),
    Failure(
        "code in the answer of a task that nobody watches, and no file changed",
        "code_only_shown",
        "a fence in the answer, the snapshot of the start unchanged",
        "as above; where the task then ends without a change, it is part of the answer",
        (
            "agent/test_session.py::test_code_shown_but_not_written_is_sent_back_when_nobody_watches",
            "agent/test_session.py::test_an_answer_that_was_sent_back_for_its_code_is_the_answer_where_nothing_had_to_be_done",
        ),
    ),
    Failure(
        "submit in a task that nobody watches, and no file changed",
        "submit_unchanged",
        "the call, the snapshot of the start unchanged, nothing run before it in the same answer",
        "not submitted, and the model is told why; a second submit of the turn ends it",
        ("agent/test_session.py::test_a_submit_without_any_change_is_sent_back_once",),
    ),
    Failure(
        "reasoning left in the text (#34684)",
        "reasoning_in_text",
        "a thinking step without reasoning, and </think> on a line of its own",
        "separated; the user is told which flag the server lacks",
        (ANSWERS + "test_reasoning_that_the_server_left_in_the_text",),
    ),
    Failure(
        "the other side of the conversation in the text",
        "other_side",
        "ChatML marks spelled out",
        "made harmless in the history; told so, a call is required",
        (ANSWERS + "test_the_other_side_of_the_conversation",),
    ),
    Failure(
        "endless reasoning",
        "reasoning_over_budget",
        "counted while it streams, against the step's budget",
        "the stream is closed; what was thought stays; asked for the answer without thought",
        (ANSWERS + "test_reasoning_over_its_budget_is_cut_kept_and_acted_on", LIVE + "test_endless_reasoning_is_cut"),
    ),
    Failure(
        "reasoning or text that repeats itself; finish_reason repetition",
        "answer_repeats",
        "one pattern six times and 1,200 characters, while it streams; or the server's word",
        "the stream is closed; the loop is kept once; the other mode, in the text a required call",
        (
            ANSWERS + "test_an_answer_that_repeats_itself_is_cut_and_kept_once",
            ANSWERS + "test_the_servers_own_end_of_a_repetition",
            LIVE + "test_a_loop_is_cut",
        ),
    ),
    Failure(
        "finish_reason length inside the reasoning",
        "cut_in_reasoning",
        "no text, no call",
        "told so; asked without thought",
        (ANSWERS + "test_an_answer_cut_by_the_token_limit", "live/test_failures.py::test_cut_by_the_token_limit"),
    ),
    Failure(
        "finish_reason length inside the text",
        "cut_in_text",
        "text, no call",
        "told so; asked to go on in smaller pieces",
        (ANSWERS + "test_an_answer_cut_by_the_token_limit", "live/test_failures.py::test_cut_by_the_token_limit"),
    ),
)

IN_SERVERS = (
    Failure(
        "finish_reason abort or error",
        "answer_aborted",
        "the finish reason",
        "the piece is discarded; asked again at once, then with pauses, five times in all",
        (_NOT_ENDED,),
    ),
    Failure(
        "an error object in place of a chunk, after HTTP 200",
        "stream_error",
        "the object",
        "as above; an overflow or a bad request in it is met as such",
        (_NOT_ENDED, "agent/test_client.py::test_error_object_in_place_of_a_chunk"),
    ),
    Failure(
        "a stream cut at any byte; no finish_reason",
        "stream_cut",
        "it ends before the answer does",
        "as above; no call runs twice, no piece is kept",
        (_NOT_ENDED, SERVER + "test_a_stream_cut_at_any_byte_costs_nothing_but_the_time"),
    ),
    Failure(
        "HTTP 400: the prompt is longer than the context, in each of vLLM's wordings",
        "context_overflow",
        "the words; the limit and the length are read from them",
        "the limit is learned; room is made and the step asked for again, twice; where only the room for the answer "
        "was too large, it is asked for with less",
        (
            SERVER + "test_context_overflow_makes_room_and_asks_again",
            SERVER + "test_a_conversation_that_cannot_be_made_to_fit_ends_with_a_sentence",
            LIVE + "test_a_context_that_is_smaller_than_thought",
        ),
    ),
    Failure(
        "HTTP 400: a history that this server does not take",
        "history_refused",
        "any other 400",
        "asked again with a plain history (no reasoning, no odd characters), kept for the rest of the session; refused "
        "again, the turn ends with the server's sentence and can be resumed",
        (
            SERVER + "test_a_history_that_is_refused_goes_out_plain_and_stays_so",
            SERVER + "test_a_request_that_is_refused_plain_too_ends_the_turn_and_can_be_resumed",
        ),
    ),
    Failure(
        "HTTP 400: a server without eyes is sent a picture",
        "pictures_refused",
        "a 400 that speaks of images or media while the history holds one",
        "asked again with a line about each picture (name, size) in its place, kept for the rest of the session",
        (
            SERVER + "test_a_server_without_eyes_gets_a_line_about_each_picture",
            "live/test_pictures.py::test_a_picture_on_a_text_only_server_becomes_a_line",
        ),
    ),
    Failure(
        "a required call that the server's grammar cannot produce: error 500 each time",
        "force_refused",
        "the request required a call, and was refused or failed",
        "asked again at once without the requirement",
        (
            SERVER + "test_a_required_call_that_the_server_cannot_make_is_asked_for_without_the_requirement",
            LIVE + "test_a_required_call_that_the_grammar_cannot_make",
        ),
    ),
    Failure(
        "HTTP 429, 502, 503, 504: busy or loading",
        "server_busy",
        "the status",
        "asked again after Retry-After, else after 1 to 30 s and a quarter more or less, for up to server_wait_seconds",
        (
            SERVER + "test_a_busy_server_is_asked_again_when_it_says",
            SERVER + "test_cancel_ends_the_wait_for_a_busy_server_at_once",
            SERVER + "test_a_pause_longer_than_patience_ends_the_turn_at_once",
        ),
    ),
    Failure(
        "HTTP 500",
        "server_failed",
        "the status",
        "asked five times in all",
        (SERVER + "test_a_server_that_fails_at_a_request_is_asked_five_times",),
    ),
    Failure(
        "a connection reset, as a stale one of the pool is (keep-alive of 5 s)",
        "connection_lost",
        "the error, the first time",
        "asked again at once",
        (SERVER + "test_a_reset_on_a_stale_connection_is_retried_once_at_once",),
    ),
    Failure(
        "a server that restarts or dies in mid-turn",
        "server_away",
        "no connection, again",
        "the user is told; asked again every 1 to 30 s for up to server_wait_seconds; the turn goes on where it was",
        (
            SERVER + "test_a_server_that_dies_in_mid_answer_and_comes_back_loses_nothing",
            SERVER + "test_a_server_that_stays_away_ends_the_turn_which_resume_takes_up",
        ),
    ),
    Failure(
        "a very slow first token",
        "first_token_late",
        "no progress by the server's own metrics (`agent.patience`)",
        "waited for as long as it works; then asked again, five times in all",
        (
            SERVER + "test_a_silent_server_is_given_up_and_asked_again",
            "agent/test_watch.py::test_a_slow_server_that_works_is_waited_for_and_the_user_told_why",
            "agent/test_watch.py::test_a_stalled_server_is_given_up_before_the_first_word",
        ),
    ),
    Failure(
        "SSE comments between events",
        None,
        "a line that begins with a colon",
        "passed over",
        (CALLS + "test_comments_between_events_are_nothing",),
    ),
)

SECTIONS = (
    ("Calls", IN_CALLS),
    ("Answers", IN_ANSWERS),
    ("The server and the line", IN_SERVERS),
)
FAILURES = tuple(row for _, rows in SECTIONS for row in rows)
