-- Which percentages does Microsoft's status report show, and of what?
-- By Microsoft's arithmetic, from what was read here. A percentage is empty where there is nothing to divide by.
select
    tenants.name as partner,  -- The partner.
    shares.figure,  -- Which of the percentages.
    round(shares.percentage, 1) as percentage,  -- The share, 0 to 100.
    shares.numerator,  -- What was counted.
    shares.numerator_of,  -- What that is.
    shares.denominator,  -- Of how many.
    shares.denominator_of  -- What that is.
from microsoft_shares as shares
inner join tenants on shares.tenant_id = tenants.tenant_id
order by partner, shares.figure
