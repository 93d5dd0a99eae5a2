"""The compiled inner loops of ranking (numba): who can be among the first k, and why.

People stand in an order in which those who can reach a place, and are free by a day, form few runs
of rows (see matcher.people_index). In each run the walk looks only at posting lists without which
nobody can come among the first k any more: the rest-bound partition of MaxScore (Turtle and Flood
1995), for a sum of maxima: if c[r] is the most that the lists left out can give requirement r, a
person in none of the others scores at most sum(c), so lists may be left out while sum(c) stays
below the k-th best total. Everybody found is then scored exactly from what they hold.
"""

from collections.abc import Callable
from typing import NamedTuple

import numba
import numpy as np

STRENGTH_BITS = 4  # a grade is strength << 4 | level
LEVEL_MASK = 15
FULL_POINTS = 1000 * 4  # strength in thousandths, level factor in quarters
LANES = 8  # whole numbers of 32 bits that a vector of the processor takes
FIRST_BLOCK = 2_048  # rows; small, so that the k-th best total is known soon
LARGEST_BLOCK = 32_768
REPLAN_AT = 1.01  # the k-th best total has to grow by this before lists are chosen anew


class Lists(NamedTuple):
    """Posting lists: those of concept c are starts[c]:starts[c+1]. rows rise within a list."""

    starts: np.ndarray  # int64[concepts + 1]
    rows: np.ndarray  # int32[postings]
    grades: np.ndarray  # uint16[postings]


class Holdings(NamedTuple):
    """The same postings by person: those of row p are starts[p]:starts[p+1]."""

    starts: np.ndarray  # int64[n + 1]
    concepts: np.ndarray  # uint16[postings]
    grades: np.ndarray  # uint16[postings]


class Columns(NamedTuple):
    """matcher.eligibility.CircumstancesColumns without `listed`, and who no longer counts."""

    region: np.ndarray
    available_day: np.ndarray
    education: np.ndarray
    mobility: np.ndarray
    commute_km: np.ndarray
    hours: np.ndarray
    stay: np.ndarray
    restricted_traits: np.ndarray
    excluded_traits: np.ndarray
    licences: np.ndarray
    barred: np.ndarray  # bool[n]: not listed, or replaced by a newer entry


class Asked(NamedTuple):
    """A vacancy's requirements over the m concepts that any of its R requirements touches."""

    slot: np.ndarray  # int16[concepts]: place among the m, or -1
    concepts: np.ndarray  # int32[m]
    values: np.ndarray  # int64[m, R]: affinity in thousandths
    factors: np.ndarray  # int64[R, 16]: quarters by level
    # the same for whole vectors of the processor: R padded by nothing to a multiple of LANES
    weighted: np.ndarray  # int32[m, padded R]: affinity * weight
    factors_by_level: np.ndarray  # int32[16, padded R]
    weights: np.ndarray  # int32[R]


class Place(NamedTuple):
    """Where a vacancy is. With matters False anybody can reach it."""

    matters: bool
    region: int  # -1: only the province is known
    km: np.ndarray  # uint16[regions], from each region to the vacancy
    same_province: np.ndarray  # bool[regions]


class Limits(NamedTuple):
    """A vacancy's other conditions, as matcher.eligibility.Conditions has them."""

    start_day: int  # the greatest int32 where no day is set
    education: int
    hours: int
    traits: int
    licences: np.uint64


def compiled(function: Callable) -> Callable:
    """numba's nopython mode without the GIL, kept on disk where a cache folder can be written."""
    try:
        return numba.njit(nogil=True, cache=True)(function)
    except RuntimeError:  # numba found no folder for its cache
        return numba.njit(nogil=True)(function)


@compiled
def mix(value):
    """SplitMix64 finaliser (Steele, Lea and Flood 2014) of one uint64."""
    value = value + np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@compiled
def _first_at_least(values, start, stop, wanted):
    """The first place in values[start:stop], which rise, that is >= wanted; galloping."""
    step = 1
    low = start
    high = start
    while high < stop and values[high] < wanted:
        low = high + 1
        high += step
        step *= 2
    high = min(high, stop)
    while low < high:
        middle = (low + high) // 2
        if values[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def reachable_runs(cell_starts, cell_commute, regions, sections, available_day, place, start_day):
    """int64[runs, 2]: rows from and to, rising, outside which nobody can reach the place in time.

    cell_starts: int64[2 * regions + 1], the rows of home-bound people by region, then of those
    bound to their province by region; cell_commute: uint16[2 * regions], the longest commute in
    each. sections: int64[2], the end of those cells and of the people who go anywhere. Within a cell, and among those who go anywhere, available_day rises.
    """
    gap = max(64, sections[1] // 128)
    runs = np.empty((2 * regions + 1, 2), np.int64)
    count = 0
    if not place.matters:
        # every cell is reached: its days are checked person by person
        if sections[0] > 0:
            runs[0, 0] = 0
            runs[0, 1] = sections[0]
            count = 1
    else:
        for cell in range(2 * regions):
            first, last = cell_starts[cell], cell_starts[cell + 1]
            if first == last:
                continue
            region = cell % regions
            if not (
                region == place.region
                or place.km[region] <= cell_commute[cell]
                or (cell >= regions and place.same_province[region])
            ):
                continue
            last = _first_at_least(available_day, first, last, start_day + 1)
            if first == last:
                continue
            if count and first - runs[count - 1, 1] < gap:
                runs[count - 1, 1] = last
            else:
                runs[count, 0] = first
                runs[count, 1] = last
                count += 1
    first = sections[0]
    last = _first_at_least(available_day, first, sections[1], start_day + 1)
    if first < last:
        if count and runs[count - 1, 1] == first:
            runs[count - 1, 1] = last
        else:
            runs[count, 0] = first
            runs[count, 1] = last
            count += 1
    return runs[:count].copy()


@compiled
def _goes_there(same_region, same_province, km, commute_km, mobility, stay):
    """Whether a person can and may go to a vacancy's place (matcher.eligibility, in one person)."""
    if (stay == 2 and not same_region) or (stay == 1 and not same_province):
        return False
    return same_region or mobility == 2 or km <= commute_km or (mobility == 1 and same_province)


@compiled
def _is_eligible(row, people, limits, place):
    # what a vacancy does not ask is not looked up
    if people.available_day[row] > limits.start_day or people.barred[row]:
        return False
    if limits.education and people.education[row] < limits.education:
        return False
    if limits.hours and (people.hours[row] & limits.hours) != limits.hours:
        return False
    if limits.traits and (
        (people.restricted_traits[row] | people.excluded_traits[row]) & limits.traits
    ):
        return False
    if limits.licences and (people.licences[row] & limits.licences) != limits.licences:
        return False
    if place.matters:
        region = people.region[row]
        same_region = region == place.region
        same_province = place.same_province[region]
        return _goes_there(
            same_region,
            same_province,
            place.km[region],
            people.commute_km[row],
            people.mobility[row],
            people.stay[row],
        )
    return True


@compiled
def _total(row, held, asked, best):
    """sum_r weight_r * points_r of one person; best: int32[padded R], scratch."""
    best[:] = 0
    for place in range(held.starts[row], held.starts[row + 1]):
        slot = asked.slot[held.concepts[place]]
        if slot < 0:
            continue
        grade = held.grades[place]
        strength = np.int32(grade >> STRENGTH_BITS)
        weighted = asked.weighted[slot]
        factors = asked.factors_by_level[grade & LEVEL_MASK]
        for requirement in range(len(best)):
            points = np.int32(np.int32(weighted[requirement] * strength) * factors[requirement])
            best[requirement] = max(best[requirement], points)
    total = np.int64(0)
    for requirement in range(len(best)):
        total += best[requirement]
    return total


@compiled
def _is_worse(total, tie, other_total, other_tie):
    return total < other_total or (total == other_total and tie > other_tie)


@compiled
def _sift_down(totals, ties, rows, place, size):
    """Restore the heap below a place; its root is the worst."""
    while True:
        child = 2 * place + 1
        if child >= size:
            return
        right = child + 1
        if right < size and _is_worse(totals[right], ties[right], totals[child], ties[child]):
            child = right
        if not _is_worse(totals[child], ties[child], totals[place], ties[place]):
            return
        totals[place], totals[child] = totals[child], totals[place]
        ties[place], ties[child] = ties[child], ties[place]
        rows[place], rows[child] = rows[child], rows[place]
        place = child


@compiled
def _sift_up(totals, ties, rows, place):
    while place:
        parent = (place - 1) // 2
        if not _is_worse(totals[place], ties[place], totals[parent], ties[parent]):
            return
        totals[place], totals[parent] = totals[parent], totals[place]
        ties[place], ties[parent] = ties[parent], ties[place]
        rows[place], rows[parent] = rows[parent], rows[place]
        place = parent


@compiled
def _offer(totals, ties, rows, size, total, tie, row):
    """Put one more into the heap of the best len(rows); returns how many it then holds."""
    if size < len(rows):
        totals[size] = total
        ties[size] = tie
        rows[size] = row
        _sift_up(totals, ties, rows, size)
        return size + 1
    if _is_worse(totals[0], ties[0], total, tie):
        totals[0] = total
        ties[0] = tie
        rows[0] = row
        _sift_down(totals, ties, rows, 0, size)
    return size


@compiled
def _cost(cuts, lengths, bounds):
    """How many postings the lists hold that can give some requirement more than its cut."""
    cost = np.int64(0)
    for concept in range(bounds.shape[0]):
        for requirement in range(bounds.shape[1]):
            if bounds[concept, requirement] > cuts[requirement]:
                cost += lengths[concept]
                break
    return cost


@compiled
def _choose_lists(least, lengths, bounds, cuts):
    """Set cuts[r], int64[R], so that sum(cuts) < least and few postings remain to be walked.

    Tried: every requirement cut at the same share; all but one left out entirely; left out one by
    one, the longest first, while they fit. lengths: int64[m]; bounds: int64[m, R].
    """
    requirements = bounds.shape[1]
    cuts[:] = 0
    most = np.zeros(requirements, np.int64)
    weight = np.zeros(requirements, np.int64)
    for concept in range(bounds.shape[0]):
        for requirement in range(requirements):
            bound = bounds[concept, requirement]
            if bound:
                weight[requirement] += lengths[concept]
                most[requirement] = max(most[requirement], bound)
    whole = most.sum()
    room = min(least - 1, whole)
    if room <= 0:
        return
    trial = np.empty(requirements, np.int64)
    for requirement in range(requirements):
        trial[requirement] = np.int64(most[requirement] * (room / (whole + 1)))
    cuts[:] = trial
    lowest = _cost(cuts, lengths, bounds)
    for kept in range(requirements):
        rest = room - (whole - most[kept])
        if rest < 0:
            continue
        trial[:] = most
        trial[kept] = min(rest, most[kept])
        cost = _cost(trial, lengths, bounds)
        if cost < lowest:
            lowest = cost
            cuts[:] = trial
    trial[:] = 0
    rest = room
    for requirement in np.argsort(-weight):
        trial[requirement] = min(rest, most[requirement])
        rest -= trial[requirement]
    if _cost(trial, lengths, bounds) < lowest:
        cuts[:] = trial


@compiled
def top_people(lists, held, people, asked, limits, place, runs, ids, mixed, k, shared):
    """Rows int32[found], totals int64[found] and ties uint64[found] of the best k in some runs.

    runs: int64[runs, 2], rising; ids: int64[n]; mixed: uint64, vacancy and day for the tie-break.
    shared: int64[1], the greatest k-th best total that any thread has seen; a total below it cannot
    be among the first k.
    """
    count, requirements = asked.values.shape
    bounds = asked.weighted[:, :requirements].astype(np.int64) * FULL_POINTS
    lengths = np.empty(count, np.int64)
    cursors = np.empty(count, np.int64)
    for slot in range(count):
        concept = asked.concepts[slot]
        cursors[slot] = lists.starts[concept]
        lengths[slot] = lists.starts[concept + 1] - lists.starts[concept]
    cuts = np.zeros(requirements, np.int64)
    walked = np.empty(count, np.int64)
    weakest = np.empty(count, np.int64)  # strengths up to this change nothing
    walked_count = -1
    planned = np.int64(0)
    best = np.empty(asked.weighted.shape[1], np.int32)
    totals = np.empty(k, np.int64)
    ties = np.empty(k, np.uint64)
    rows = np.empty(k, np.int32)
    size = 0
    least = np.int64(1)
    seen = np.zeros(LARGEST_BLOCK, np.bool_)
    block = FIRST_BLOCK
    for run in range(runs.shape[0]):
        start = runs[run, 0]
        while start < runs[run, 1]:
            stop = min(start + block, runs[run, 1])
            block = min(2 * block, LARGEST_BLOCK)
            if shared[0] > least:
                least = shared[0]
            if walked_count < 0 or least > planned * REPLAN_AT:
                planned = least
                _choose_lists(least, lengths, bounds, cuts)
                walked_count = 0
                for slot in range(count):
                    needed = np.int64(-1)
                    for requirement in range(requirements):
                        if bounds[slot, requirement] > cuts[requirement]:
                            strength = cuts[requirement] // (4 * asked.weighted[slot, requirement])
                            if needed < 0 or strength < needed:
                                needed = strength
                    if needed >= 0:
                        walked[walked_count] = slot
                        weakest[walked_count] = needed
                        walked_count += 1
            for number in range(walked_count):
                slot = walked[number]
                end = lists.starts[asked.concepts[slot] + 1]
                least_grade = (weakest[number] + 1) << STRENGTH_BITS
                at = _first_at_least(lists.rows, cursors[slot], end, start)
                while at < end:
                    row = lists.rows[at]
                    if row >= stop:
                        break
                    if lists.grades[at] >= least_grade and not seen[row - start]:
                        seen[row - start] = True
                        if _is_eligible(row, people, limits, place):
                            total = _total(row, held, asked, best)
                            if total >= least:
                                tie = mix(np.uint64(ids[row]) ^ mixed)
                                size = _offer(totals, ties, rows, size, total, tie, row)
                                if size == k and totals[0] > least:
                                    least = totals[0]
                                    if least > shared[0]:
                                        shared[0] = least
                    at += 1
                cursors[slot] = at
            seen[: stop - start] = False
            start = stop
    return rows[:size].copy(), totals[:size].copy(), ties[:size].copy()


@compiled
def score_rows(rows, held, asked):
    """int64[len(rows)]: the totals of some people."""
    best = np.empty(asked.weighted.shape[1], np.int32)
    totals = np.empty(len(rows), np.int64)
    for place in range(len(rows)):
        totals[place] = _total(rows[place], held, asked, best)
    return totals


@compiled
def explain_rows(rows, held, asked):
    """int32[len(rows), R, 7]: requirement, concept (-1 for none), affinity, strength, level, points
    and weight of what meets each requirement best; at equal points the greater affinity, then the
    lower concept."""
    requirements = asked.values.shape[1]
    terms = np.zeros((len(rows), requirements, 7), np.int32)
    for requirement in range(requirements):
        terms[:, requirement, 0] = requirement
        terms[:, requirement, 1] = -1
        terms[:, requirement, 6] = asked.weights[requirement]
    for number in range(len(rows)):
        row = rows[number]
        for place in range(held.starts[row], held.starts[row + 1]):
            concept = np.int32(held.concepts[place])
            slot = asked.slot[concept]
            if slot < 0:
                continue
            strength = np.int64(held.grades[place] >> STRENGTH_BITS)
            level = held.grades[place] & LEVEL_MASK
            for requirement in range(requirements):
                value = asked.values[slot, requirement]
                points = value * strength * asked.factors[requirement, level]
                term = terms[number, requirement]
                if points > term[5] or (
                    points
                    and points == term[5]
                    and (value > term[2] or (value == term[2] and concept < term[1]))
                ):
                    term[1] = concept
                    term[2] = value
                    term[3] = strength
                    term[4] = level
                    term[5] = points
    return terms


class VacancyColumns(NamedTuple):
    """Vacancies side by side: the requirements of vacancy v are starts[v]:starts[v+1]."""

    starts: np.ndarray  # int64[vacancies + 1]
    asks: np.ndarray  # int32[requirements]: number of the ask
    weights: np.ndarray  # int32[requirements]
    full: np.ndarray  # int64[vacancies]: the total of full marks
    region: np.ndarray  # int16, -1 where only the province or nothing is known
    province: np.ndarray  # int16, -1 where the vacancy is anywhere
    start_day: np.ndarray  # int32
    education: np.ndarray  # uint8
    hours: np.ndarray  # uint8
    traits: np.ndarray  # uint16
    licences: np.ndarray  # uint64
    occupation: np.ndarray  # int32, -1 where none is known
    wage: np.ndarray  # int64, 0 where none is named
    barred: np.ndarray  # bool[vacancies]: replaced by a newer entry


class Asks(NamedTuple):
    """What is asked, each (affinity, least level) once; those of concept c: starts[c]:starts[c+1]."""

    starts: np.ndarray  # int64[concepts + 1]
    numbers: np.ndarray  # int32[entries]
    values: np.ndarray  # int32[entries]: affinity in thousandths
    factors: np.ndarray  # int32[asks, 16]: quarters by level held


class Seeker(NamedTuple):
    """One person: matcher.eligibility.Circumstances and wishes, as whole numbers."""

    region: int
    province: int
    available_day: int
    education: int
    mobility: int
    commute_km: int
    hours: int
    stay: int
    barred_traits: int
    licences: np.uint64
    km: np.ndarray  # uint16[regions], from the person's region
    km_to_province: np.ndarray  # uint16[provinces], to its nearest region
    province_of: np.ndarray  # int16[regions]
    wished: np.ndarray  # bool[occupations]; empty where no trade is wished
    least_wage: int


@compiled
def _may_take(vacancy, vacancies, seeker):
    if seeker.available_day > vacancies.start_day[vacancy]:
        return False
    if seeker.education < vacancies.education[vacancy]:
        return False
    if (vacancies.hours[vacancy] & ~seeker.hours) != 0:
        return False
    if vacancies.traits[vacancy] & seeker.barred_traits:
        return False
    if (vacancies.licences[vacancy] & seeker.licences) != vacancies.licences[vacancy]:
        return False
    region = vacancies.region[vacancy]
    province = vacancies.province[vacancy]
    if region < 0 and province < 0:
        return True
    same_region = region >= 0 and region == seeker.region
    if region >= 0:
        same_province = seeker.province_of[region] == seeker.province
        km = seeker.km[region]
    else:
        same_province = province == seeker.province
        km = seeker.km_to_province[province]
    return _goes_there(
        same_region, same_province, km, seeker.commute_km, seeker.mobility, seeker.stay
    )


@compiled
def wish_terms(vacancy, vacancies, seeker):
    """Thousandths of how far trade, wage and distance are as wished; -1 where nothing is wished."""
    trade = np.int64(-1)
    if len(seeker.wished):
        occupation = vacancies.occupation[vacancy]
        trade = 1000 if 0 <= occupation < len(seeker.wished) and seeker.wished[occupation] else 0
    wage = np.int64(-1)
    if seeker.least_wage > 0 and vacancies.wage[vacancy] > 0:
        wage = min(1000, 1000 * vacancies.wage[vacancy] // seeker.least_wage)
    distance = np.int64(-1)
    region = vacancies.region[vacancy]
    if region >= 0:
        reach = max(2 * seeker.commute_km, 20)
        distance = max(0, 1000 - 1000 * np.int64(seeker.km[region]) // reach)
    return trade, wage, distance


@compiled
def wish_total(trade, wage, distance):
    """The mean of those given, cut to whole thousandths; 1000 where nothing is wished."""
    total = np.int64(0)
    given = 0
    for part in (trade, wage, distance):
        if part >= 0:
            total += part
            given += 1
    return total // given if given else np.int64(1000)


@compiled
def best_asks(concepts, strengths, levels, asks):
    """int32[asks, 5]: concept (-1 for none), affinity, strength, level and points with which a
    person meets each ask best; at equal points the greater affinity, then the lower concept."""
    terms = np.zeros((asks.factors.shape[0], 5), np.int32)
    terms[:, 0] = -1
    for held in range(len(concepts)):
        concept = concepts[held]
        for place in range(asks.starts[concept], asks.starts[concept + 1]):
            number = asks.numbers[place]
            value = asks.values[place]
            points = value * strengths[held] * asks.factors[number, levels[held]]
            term = terms[number]
            if points > term[4] or (
                points
                and points == term[4]
                and (value > term[1] or (value == term[1] and concept < term[0]))
            ):
                term[0] = concept
                term[1] = value
                term[2] = strengths[held]
                term[3] = levels[held]
                term[4] = points
    return terms


@compiled
def top_vacancies(terms, vacancies, seeker, ids, mixed, k, fit_parts, wish_parts, everything):
    """Rows int32, totals int64, worths int64, ties uint64 and wish_terms int64[found, 3] of the k
    vacancies worth most.

    terms: as best_asks gives them. worth: fit_parts * fit + wish_parts * wish, in millionths.
    everything: also the vacancies the person may not take.
    """
    worths = np.empty(k, np.int64)
    ties = np.empty(k, np.uint64)
    rows = np.empty(k, np.int32)
    totals = np.empty(len(ids), np.int64)
    points_of = terms[:, 4].copy()
    size = 0
    for vacancy in range(len(ids)):
        total = np.int64(0)
        for place in range(vacancies.starts[vacancy], vacancies.starts[vacancy + 1]):
            total += vacancies.weights[place] * points_of[vacancies.asks[place]]
        totals[vacancy] = total
        if total == 0 or vacancies.barred[vacancy]:
            continue
        fit = fit_parts * (total * 1_000_000 // vacancies.full[vacancy])
        if size == k and fit + wish_parts * 1_000_000 < worths[0]:
            continue
        if not everything and not _may_take(vacancy, vacancies, seeker):
            continue
        trade, wage, distance = wish_terms(vacancy, vacancies, seeker)
        worth = fit + wish_parts * 1000 * wish_total(trade, wage, distance)
        tie = mix(np.uint64(ids[vacancy]) ^ mixed)
        size = _offer(worths, ties, rows, size, worth, tie, vacancy)
    found = rows[:size].copy()
    wishes = np.empty((size, 3), np.int64)
    for number in range(size):
        trade, wage, distance = wish_terms(found[number], vacancies, seeker)
        wishes[number, 0] = trade
        wishes[number, 1] = wage
        wishes[number, 2] = distance
    return found, totals[found], worths[:size].copy(), ties[:size].copy(), wishes
