-- Of these columns there are few values, and each entry has one: five index entries for each, a quarter of what its projection cost. Their entries are found by postings.
drop index access_log_projection_role_index_idx;
drop index access_log_projection_operation_index_idx;
drop index access_log_projection_collection_index_idx;
drop index access_log_projection_reason_index_idx;
drop index access_log_projection_outcome_index_idx;
