"""Names that a query of a record may use: functions, types, and relations that it may not read.

A function that is not in the list is refused. The lists are compared with a real server by a test: every
function reads only, and none of them sleeps, signals, locks, or reads files.
"""

from typing import Final


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


FUNCTIONS: Final = _names(
    """
    abs acldefault aclexplode aclitemin age array_agg array_length array_position array_remove
    array_to_string avg bit_and bit_length bit_or bool_and bool_or btrim cardinality ceil ceiling
    char_length character_length clock_timestamp coalesce col_description concat concat_ws count cume_dist
    current_database current_schema current_schemas current_setting date_part date_trunc dense_rank div
    every exp extract first_value floor format format_type generate_series generate_subscripts greatest
    has_any_column_privilege has_column_privilege has_database_privilege has_function_privilege
    has_schema_privilege has_sequence_privilege has_table_privilege has_tablespace_privilege host
    inet_server_addr inet_server_port initcap isfinite json_agg json_array_elements json_array_elements_text
    json_array_length json_build_object json_each json_each_text json_extract_path_text json_object_agg
    json_typeof jsonb_agg jsonb_array_elements jsonb_array_elements_text jsonb_array_length
    jsonb_build_object jsonb_each jsonb_each_text jsonb_extract_path_text jsonb_object_agg jsonb_object_keys
    jsonb_typeof justify_hours justify_interval lag last_value lead least left length ln log lower ltrim
    make_interval makeaclitem max md5 min mod mode mxid_age now ntile nullif num_nonnulls num_nulls
    obj_description octet_length parse_ident percent_rank percentile_cont percentile_disc pg_blocking_pids
    pg_column_size pg_conf_load_time pg_current_wal_flush_lsn pg_current_wal_insert_lsn pg_current_wal_lsn
    pg_database_size pg_encoding_to_char pg_get_constraintdef pg_get_expr pg_get_indexdef
    pg_get_serial_sequence pg_get_userbyid pg_get_viewdef pg_has_role pg_index_column_has_property
    pg_indexam_has_property pg_indexes_size pg_is_in_recovery pg_is_wal_replay_paused
    pg_last_wal_receive_lsn pg_last_wal_replay_lsn pg_last_xact_replay_timestamp pg_my_temp_schema
    pg_options_to_table pg_postmaster_start_time pg_relation_size pg_sequence_last_value
    pg_sequence_parameters pg_size_bytes pg_size_pretty pg_table_is_visible pg_table_size
    pg_tablespace_location pg_tablespace_size pg_total_relation_size pg_typeof pg_wal_lsn_diff position
    power quote_ident rank regexp_count regexp_like regexp_match regexp_matches regexp_replace
    regexp_split_to_array regexp_split_to_table regr_slope replace reverse right round row_number
    row_to_json rtrim scale shobj_description sign split_part sqrt starts_with statement_timestamp stddev
    string_agg string_to_array string_to_table strpos substr substring sum to_char to_date to_json to_jsonb
    to_number to_regclass to_regnamespace to_regproc to_regrole to_regtype to_timestamp
    transaction_timestamp trim trunc unnest upper variance version width_bucket
    """
)
SYNTAX: Final = _names(
    """
    all and any array as between by case cast cube distinct else except exists filter from group grouping
    having ilike in inner intersect is join lateral left like limit materialized not offset on or outer over
    right rollup row select sets some then union using values when where with
    """
)
"""Keywords that may stand before a parenthesis without being a function."""
BEFORE_TEXT: Final = _names(
    """
    all and any between both by case distinct else escape except from having ilike in intersect is leading
    like limit not offset on or precision select similar some symmetric then to trailing union values
    varying when where zone
    """
)
"""Keywords that may stand before a text in quotes without being its type."""
TYPES: Final = _names(
    """
    aclitem bigint bit bool boolean bytea char character cidr date daterange decimal double float float4
    float8 inet int int2 int2vector int4 int4range int8 int8range integer interval json jsonb macaddr name
    numeric numrange oid oidvector pg_lsn pg_node_tree point real regclass regnamespace regoper regproc
    regprocedure regrole regtype smallint text tid time timestamp timestamptz timetz tsquery tsrange
    tstzrange tsvector uuid varbit varchar xid xid8
    """
)
FORBIDDEN_RELATIONS: Final = {
    "pg_authid": "passwords of roles",
    "pg_shadow": "passwords of roles",
    "pg_user_mapping": "passwords of foreign servers",
    "pg_user_mappings": "passwords of foreign servers",
    "pg_subscription": "passwords of publishers",
    "pg_largeobject": "contents of large objects",
    "pg_statistic": "samples of the tables' contents",
    "pg_hba_file_rules": "files of the server",
    "pg_ident_file_mappings": "files of the server",
    "pg_file_settings": "files of the server",
}
"""Relations that a query may not name, with what they show."""
FORBIDDEN_WORDS: Final = {
    **dict.fromkeys(("insert", "update", "delete", "merge", "returning"), "writes"),
    "into": "writes: SELECT INTO makes a table",
    "for": "locks rows; for a part of a text write substr(text, start, count)",
    "copy": "reads or writes files, or runs programs",
    "call": "calls a procedure",
    "execute": "runs a prepared statement",
    "tablesample": "calls a sampling method",
    "operator": "calls an operator of a schema; write the operator alone",
}
"""Words that a query may not have, with what they do."""
