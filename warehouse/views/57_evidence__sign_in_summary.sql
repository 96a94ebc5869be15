-- One row per tenant_id, resource_id (a summary of sign-ins by Microsoft). Whether its numbers add up.
select
    summaries.tenant_id,  -- The tenant.
    'sign_in_summary' as resource_type,  -- What is judged.
    summaries.summary_id as resource_id,  -- Id of the summary.
    coalesce(strftime(summaries.summed_at, '%Y-%m-%d'), summaries.summary_id) as resource_name,  -- The day it is of, or its id.
    null::varchar as account_id,  -- Always null: no account is judged.
    summaries.total_sign_ins,
    summaries.single_factor_sign_ins,
    summaries.multi_factor_sign_ins,
    summaries.total_sign_ins = summaries.single_factor_sign_ins + summaries.multi_factor_sign_ins
        as adds_up  -- Whether the whole is the sum of its parts; null if one of the numbers is missing.
from mfa_sign_in_summary as summaries
semi join tenants on summaries.tenant_id = tenants.tenant_id
