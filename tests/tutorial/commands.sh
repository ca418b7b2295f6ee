switchboard plugin enable talk_counter
switchboard plugin reload talk_counter      # after an edit; one that does not start is rolled back, and the line is named
switchboard plugin swap scripted_agent short_agent
switchboard plugin list
