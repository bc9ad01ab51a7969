// Built-in functions that see nothing but their arguments and the catalog's names: no rows, no files, no SQL
// given as text, no other session's statements. Under masks every other function is refused.

import type { Catalog } from './catalog.ts';

const words = (...lists: readonly string[]): readonly string[] =>
  lists.flatMap((list) => list.split(/\s+/).filter((word) => word !== ''));

/** Reviewed against the catalog of PostgreSQL 18. */
const reviewedFunctions: ReadonlySet<string> = new Set(
  words(
    // numbers
    `abs acos acosd acosh asin asind asinh atan atan2 atan2d atand atanh cbrt ceil ceiling cos cosd cosh cot cotd
     degrees div erf erfc exp factorial floor gamma gcd lcm lgamma ln log log10 min_scale mod pi power pow radians
     random random_normal round scale setseed sign sin sind sinh sqrt tan tand tanh trim_scale trunc width_bucket
     float4 float8 int2 int4 int8 numeric money oid bool to_hex to_oct to_bin bit_count int4range int8range numrange`,
    // text and bytes
    `ascii bit_length bpchar btrim casefold char char_length character_length chr concat concat_ws convert
     convert_from convert_to crc32 crc32c decode encode format get_bit get_byte initcap is_normalized left length
     like like_escape lower lpad ltrim md5 normalize notlike octet_length overlay parse_ident position quote_ident
     quote_literal quote_nullable regexp_count regexp_instr regexp_like regexp_match regexp_matches regexp_replace
     regexp_split_to_array regexp_split_to_table regexp_substr repeat replace reverse right rpad rtrim set_bit
     set_byte sha224 sha256 sha384 sha512 similar_escape similar_to_escape split_part starts_with string_to_array
     string_to_table strip strpos substr substring text to_ascii to_char to_number translate unicode_assigned unistr
     upper varchar name bytea bit varbit`,
    // dates, times, ranges
    `age clock_timestamp current_catalog current_date current_time current_time_n current_timestamp
     current_timestamp_n date date_add date_bin date_part date_subtract date_trunc daterange datemultirange extract
     interval isempty isfinite justify_days justify_hours justify_interval localtime localtime_n localtimestamp
     localtimestamp_n lower_inc lower_inf make_date make_interval make_time make_timestamp make_timestamptz now
     overlaps range_merge statement_timestamp time timeofday timestamp timestamptz timetz timezone to_date
     to_timestamp transaction_timestamp tsrange tstzrange upper_inc upper_inf int4multirange int8multirange
     nummultirange tsmultirange tstzmultirange multirange range_agg range_intersect_agg pg_sleep pg_sleep_for
     pg_sleep_until`,
    // aggregates and windows
    `any_value array_agg avg bit_and bit_or bit_xor bool_and bool_or corr count covar_pop covar_samp cume_dist
     dense_rank every first_value grouping lag last_value lead max min mode nth_value ntile percent_rank
     percentile_cont percentile_disc rank regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx
     regr_sxy regr_syy row_number stddev stddev_pop stddev_samp string_agg sum var_pop var_samp variance xmlagg`,
    // arrays, sets, rows
    `array_append array_cat array_dims array_fill array_length array_lower array_ndims array_position
     array_positions array_prepend array_remove array_replace array_reverse array_sample array_shuffle array_sort
     array_to_json array_to_string array_upper cardinality generate_series generate_subscripts num_nonnulls
     num_nulls trim_array unnest enum_first enum_last enum_range merge_action`,
    // JSON
    `json_agg json_agg_strict json_array_elements json_array_elements_text json_array_length json_build_array
     json_build_object json_each json_each_text json_extract_path json_extract_path_text json_object
     json_object_agg json_object_agg_strict json_object_agg_unique json_object_agg_unique_strict json_object_keys
     json_populate_record json_populate_recordset json_strip_nulls json_to_record json_to_recordset json_typeof
     jsonb_agg jsonb_agg_strict jsonb_array_elements jsonb_array_elements_text jsonb_array_length
     jsonb_build_array jsonb_build_object jsonb_concat jsonb_contains jsonb_delete jsonb_delete_path jsonb_each
     jsonb_each_text jsonb_exists jsonb_exists_all jsonb_exists_any jsonb_extract_path jsonb_extract_path_text
     jsonb_insert jsonb_object jsonb_object_agg jsonb_object_agg_strict jsonb_object_agg_unique
     jsonb_object_agg_unique_strict jsonb_object_keys jsonb_path_exists jsonb_path_exists_tz jsonb_path_match
     jsonb_path_match_tz jsonb_path_query jsonb_path_query_array jsonb_path_query_array_tz jsonb_path_query_first
     jsonb_path_query_first_tz jsonb_path_query_tz jsonb_populate_record jsonb_populate_record_valid
     jsonb_populate_recordset jsonb_pretty jsonb_set jsonb_set_lax jsonb_strip_nulls jsonb_to_record
     jsonb_to_recordset jsonb_typeof row_to_json to_json to_jsonb`,
    // full text, networks, geometry, identifiers
    `array_to_tsvector get_current_ts_config json_to_tsvector jsonb_to_tsvector numnode phraseto_tsquery
     plainto_tsquery querytree setweight to_tsquery to_tsvector ts_delete ts_filter ts_headline ts_rank ts_rank_cd
     tsquery_phrase tsvector_to_array websearch_to_tsquery abbrev broadcast cidr family host hostmask inet
     inet_merge inet_same_family masklen netmask network set_masklen area box center circle diameter height
     isclosed isopen line lseg npoints path pclose point polygon popen radius slope width gen_random_uuid uuidv4
     uuidv7 uuid_extract_timestamp uuid_extract_version xml xmlcomment xmlexists xml_is_well_formed
     xml_is_well_formed_content xml_is_well_formed_document xpath xpath_exists`,
    // who, where, which session
    `current_database current_query current_role current_schema current_schemas current_setting current_user
     inet_client_addr inet_client_port inet_server_addr inet_server_port pg_backend_pid pg_client_encoding
     pg_conf_load_time pg_current_xact_id pg_current_xact_id_if_assigned pg_is_in_recovery
     pg_is_other_temp_schema pg_listening_channels pg_my_temp_schema pg_notify pg_postmaster_start_time
     pg_trigger_depth session_user set_config system_user txid_current txid_current_if_assigned user version
     getdatabaseencoding pg_advisory_lock pg_advisory_lock_shared pg_advisory_unlock pg_advisory_unlock_all
     pg_advisory_unlock_shared pg_advisory_xact_lock pg_advisory_xact_lock_shared pg_try_advisory_lock
     pg_try_advisory_lock_shared pg_try_advisory_xact_lock pg_try_advisory_xact_lock_shared`,
    // sequences
    `currval lastval nextval setval pg_get_serial_sequence pg_sequence_last_value pg_sequence_parameters`,
    // names and definitions in the catalog: what psql's \d, pg_dump and drivers ask
    `aclexplode acldefault col_description format_type has_any_column_privilege has_column_privilege
     has_database_privilege has_foreign_data_wrapper_privilege has_function_privilege has_language_privilege
     has_parameter_privilege has_schema_privilege has_sequence_privilege has_server_privilege
     has_table_privilege has_tablespace_privilege has_type_privilege obj_description oidvectortypes
     pg_available_extensions pg_basetype pg_char_to_encoding pg_collation_for pg_collation_is_visible
     pg_column_is_updatable pg_conversion_is_visible pg_describe_object pg_encoding_to_char
     pg_encoding_max_length pg_extension_update_paths pg_function_is_visible pg_get_acl pg_get_constraintdef
     pg_get_expr pg_get_function_arg_default pg_get_function_arguments pg_get_function_identity_arguments
     pg_get_function_result pg_get_function_sqlbody pg_get_functiondef pg_get_indexdef pg_get_keywords
     pg_get_object_address pg_get_partition_constraintdef pg_get_partkeydef pg_get_publication_tables
     pg_get_replica_identity_index pg_get_ruledef pg_get_statisticsobjdef pg_get_statisticsobjdef_columns
     pg_get_statisticsobjdef_expressions pg_get_triggerdef pg_get_userbyid pg_get_viewdef pg_has_role
     pg_identify_object pg_identify_object_as_address pg_index_column_has_property pg_index_has_property
     pg_indexam_has_property pg_opclass_is_visible pg_operator_is_visible pg_opfamily_is_visible
     pg_options_to_table pg_partition_ancestors pg_partition_root pg_partition_tree pg_relation_is_publishable
     pg_relation_is_updatable pg_settings_get_flags pg_statistics_obj_is_visible pg_table_is_visible
     pg_tablespace_databases pg_tablespace_location pg_timezone_abbrevs pg_timezone_names
     pg_ts_config_is_visible pg_ts_dict_is_visible pg_ts_parser_is_visible pg_ts_template_is_visible
     pg_type_is_visible pg_typeof regclass row_security_active shobj_description to_regclass to_regcollation
     to_regnamespace to_regoper to_regoperator to_regproc to_regprocedure to_regrole to_regtype to_regtypemod`,
    // sizes
    `pg_column_size pg_database_size pg_indexes_size pg_relation_filenode pg_relation_filepath pg_relation_size
     pg_size_bytes pg_size_pretty pg_table_size pg_tablespace_size pg_total_relation_size`,
  ),
);

/** True if a call by this name, as facts write it, can only mean a reviewed function. */
export function isReviewed(name: string, catalog: Catalog): boolean {
  const prefix = 'pg_catalog.';
  return name.startsWith(prefix)
    ? reviewedFunctions.has(name.slice(prefix.length))
    : reviewedFunctions.has(name) && !catalog.userFunctions.has(name);
}

/** Built-in functions that take a whole row, so that `u.to_json` may be a call (pg_proc of PostgreSQL 18). */
export const rowFunctions: ReadonlySet<string> = new Set(
  words(
    `any_out any_value anycompatible_out anyelement_out anynonarray_out array_agg concat count cume_dist dense_rank
     first_value hash_record json_agg json_agg_strict json_build_array json_build_object jsonb_agg
     jsonb_agg_strict jsonb_build_array jsonb_build_object lag last_value lead max min mode num_nonnulls num_nulls
     percent_rank pg_collation_for pg_column_compression pg_column_size pg_column_toast_chunk_id pg_typeof
     quote_literal quote_nullable rank record_out record_send row_to_json to_json to_jsonb`,
  ),
);

/** Built-in relations that hold samples of other tables' values or other sessions' statements. */
export const leakyRelations: ReadonlySet<string> = new Set(
  words(
    `pg_statistic pg_statistic_ext_data pg_stats pg_stats_ext pg_stats_ext_exprs pg_stat_activity pg_largeobject`,
  ).map((name) => `pg_catalog.${name}`),
);
